#include <nlohmann/json.hpp>

#include "desk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("an instant is explained by the one line that covers it") {
  Desk desk;
  desk.open();
  desk.meter(minutes{30});
  const auto outcome = desk.run({"explain", "m1", "ch1", "2026-01-05 01:10:30"});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.says("m1/ch1 (load), at 2026-01-05 01:10:30, Europe/Berlin"));
  CHECK(outcome.says("2026-01-05 01:10:00 to 01:11:00  (60 s)"));
  CHECK(outcome.says("measured: the module's own average over exactly this time"));
  CHECK(outcome.says("chip " + to_string(chip_number(2))));
  const auto answer = desk.run({"explain", "m1", "ch1", "2026-01-05 01:10:00", "--json"}).json();
  REQUIRE(answer["lines"].size() == 1);
  CHECK(answer["lines"][0]["begin"] ==
        "2026-01-05T00:10:00.000Z");  // the period that begins at the instant, not the one that ends
  CHECK(answer["rolled_up"].is_null());
}

TEST_CASE("a stretch is told in runs, and --lines tells each line") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{30});
  const auto runs = desk.run({"explain", "m0", "ch0", "2026-01-05 01:00..2026-01-05 01:30"});
  CHECK(runs.says("30 lines of the ledger"));
  CHECK(runs.says("2026-01-05 01:00:00 to 01:30:00  30 periods, about 60 s each"));
  const auto every = desk.run({"explain", "m0", "ch0", "2026-01-05 01:00..2026-01-05 01:30", "--lines"});
  CHECK(every.says("2026-01-05 01:29:00 to 01:30:00  (60 s)"));
  CHECK(every.out.size() > 10 * runs.out.size() / 2);
}

TEST_CASE("gaps, estimates, restarts of the host, another chip and corrections are told with their notes") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{10});
  desk.meter_as(Quality::gap, Reason::module_reset, "between 0 and 383 Wh on each channel", minutes{1});
  desk.meter_as(Quality::estimated, Reason::module_reset, "lower bound", seconds{30});
  desk.fleet.reboot(2, minutes{5});
  desk.meter_as(Quality::recovered, Reason::own_downtime, "", minutes{1});
  desk.meter(minutes{3});
  desk.fleet.chip_offset = 9;  // another chip in the same place
  desk.fleet.open(*desk.ledger);
  desk.meter_as(Quality::gap, Reason::meter_changed, "until the first latch of the new chip", minutes{2});
  desk.close();
  REQUIRE(desk.run({"adjust", "m0", "ch0", "--import", "250", "--reason", "clamp was loose", "--yes"}).status == 0);
  const auto outcome = desk.run({"explain", "m0", "ch0", "today"});
  REQUIRE(outcome.status == 0);
  for (const std::string text :
       {"gap, nobody knows the energy of this time: the module restarted", "between 0 and 383 Wh on each channel",
        "estimated: the module restarted", "lower bound", "-- the host was rebooted within the next line",
        "recovered, exact: rbampd was not running meanwhile", "another chip meters here from now on",
        "gap, nobody knows the energy of this time: another chip took over this place",
        "adjustment: a person corrected the register", "reason given: clamp was loose", "250 Wh import"}) {
    INFO(text);
    CHECK(outcome.says(text));
  }
}

TEST_CASE("a line that covers an instant is found however far behind it ended") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{10});
  desk.meter_as(Quality::gap, Reason::module_reset, "a long absence", hours{24 * 70});
  desk.meter(minutes{10});
  const auto answer = desk.run({"explain", "m0", "ch0", "2026-02-10 12:00", "--json"}).json();
  REQUIRE(answer["lines"].size() == 1);
  CHECK(answer["lines"][0]["quality"] == "gap");
  CHECK(answer["lines"][0]["note"] == "a long absence");
  CHECK(answer["lines"][0]["explanation"].get<std::string>().starts_with("gap"));
}

TEST_CASE("a time before the first line, and one whose period is still open, are told as that") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{10});
  desk.fleet.pass(seconds{40});
  const auto before = desk.run({"explain", "m0", "ch0", "2026-01-04"});
  CHECK(before.status == 0);
  CHECK(before.says("This channel has been metered since 2026-01-05 01:00:00; nothing before it is known."));
  const auto open = desk.run({"explain", "m0", "ch0", "10s"});
  CHECK(open.says("since 2026-01-05 01:10:00  not booked yet"));
  CHECK(desk.run({"explain", "m0", "ch0", "10s", "--json"}).json()["not_closed_since"] == "2026-01-05T00:10:00.000Z");
  CHECK(desk.run({"explain", "m0", "ch0", "now"}).says("since 2026-01-05 01:10:00  not booked yet"));
  const auto future = desk.run({"explain", "m0", "ch0", "2026-02-01"});
  CHECK(future.status == 64);
  CHECK(future.complains("still to come"));
}

TEST_CASE("of a time whose lines were folded the sums are told that are left") {
  Desk desk{1, 1};
  auto settings = settings_for(desk.ledger_path());
  settings.raw_retention = hours{24};
  settings.quarter_hour_retention = hours{72};
  desk.ledger = open_ledger(settings, desk.fleet.now, desk.zone());
  desk.fleet.open(*desk.ledger);
  for (int day = 0; day < 7; ++day) {
    desk.meter(hours{24}, minutes{15});
    for (bool has_more = true; has_more;) has_more = desk.ledger->maintain(desk.fleet.now.utc, true).value().has_more;
  }
  const auto quarter = desk.run({"explain", "m0", "ch0", "2026-01-10 12:05"});
  CHECK(quarter.says("rolled up: the single periods are no longer kept"));
  CHECK(quarter.says("only local quarter hours"));
  CHECK(quarter.says("2026-01-10 12:00"));
  const auto day = desk.run({"explain", "m0", "ch0", "2026-01-06 12:05"});
  CHECK(day.says("only local days"));
  CHECK(day.says("2026-01-06"));
  const auto answer = desk.run({"explain", "m0", "ch0", "2026-01-06 12:05", "--json"}).json();
  CHECK(answer["lines"].empty());
  CHECK(answer["rolled_up"]["resolution"] == "day");
  REQUIRE(answer["rolled_up"]["bars"].size() == 1);
  CHECK(answer["rolled_up"]["bars"][0]["qualities"][0] == "measured");
}

TEST_CASE("times that the host's clock could not vouch for are told as such, and when they can still be corrected") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{5});
  desk.fleet.now.utc_is_trusted = false;
  desk.meter(minutes{5});
  CHECK(desk.run({"explain", "m0", "ch0", "today"}).says("dates and times will be corrected when it is"));
  desk.close();
  desk.fleet.reboot(2, minutes{1});
  desk.fleet.now.utc_is_trusted = true;
  desk.open();
  desk.meter_as(Quality::recovered, Reason::own_downtime, "", minutes{1});
  const auto later = desk.run({"explain", "m0", "ch0", "today"});
  CHECK(later.says("cannot be corrected any more"));
  CHECK(later.says("-- the host's clock was synchronised again"));
}
