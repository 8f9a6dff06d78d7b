#include <nlohmann/json.hpp>

#include "desk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::Quality;
using metering::Reason;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

double import_of(const FleetOfRows& fleet, std::size_t module, std::size_t channel) {
  return static_cast<double>(fleet.accounts[module].channels[channel].registers.energy_import.value()) / 1e6;
}

}  // namespace

TEST_CASE("the bars of a channel add up to its register, at every resolution, while the ledger is written") {
  Desk desk;
  desk.open();
  desk.meter(hours{30}, minutes{7});
  for (const std::string resolution : {"period", "quarter-hour", "hour", "day", "month", "year"}) {
    INFO(resolution);
    const auto outcome = desk.run({"history", resolution, "--module", "m1", "--channel", "ch1", "--from", "2026", "--json"});
    REQUIRE(outcome.status == 0);
    const auto answer = outcome.json();
    REQUIRE(answer["series"].size() == 1);
    const auto& series = answer["series"][0];
    CHECK(answer["resolution"] == resolution);
    CHECK(answer["zone"] == "Europe/Berlin");
    CHECK(series["name"] == "m1/ch1");
    CHECK(series["role"] == "load");
    CHECK(series["import_wh"].get<double>() == Approx(import_of(desk.fleet, 1, 1)).epsilon(1e-12));
    double sum = 0;
    for (const auto& bar : series["bars"]) sum += bar["import_wh"].get<double>();
    CHECK(sum == Approx(import_of(desk.fleet, 1, 1)).epsilon(1e-12));
  }
}

TEST_CASE("a day begins at local midnight, and --from and --to take whole days") {
  Desk desk;
  desk.open();
  desk.meter(hours{72}, minutes{15});
  const auto answer = desk.run({"history", "--channel", "m0/ch0", "--from", "2026-01-06", "--to", "2026-01-06", "--json"}).json();
  REQUIRE(answer["series"][0]["bars"].size() == 1);
  CHECK(answer["from"] == "2026-01-06T00:00:00+01:00");
  CHECK(answer["to"] == "2026-01-07T00:00:00+01:00");
  CHECK(answer["series"][0]["bars"][0]["begin"] == "2026-01-06T00:00:00+01:00");
  CHECK(answer["series"][0]["bars"][0]["is_complete"] == true);
  const auto quarters =
      desk.run({"history", "quarter-hour", "--channel", "m0/ch0", "--from", "2026-01-06", "--to", "2026-01-06", "--json"}).json();
  CHECK(quarters["series"][0]["bars"].size() == 96);
  CHECK(quarters["series"][0]["import_wh"].get<double>() ==
        Approx(answer["series"][0]["import_wh"].get<double>()).epsilon(1e-12));
}

TEST_CASE("only channels of one role have a sum, and it says what is in it") {
  Desk desk;
  desk.open();
  desk.meter(hours{2}, minutes{10});
  const auto sum = desk.run({"history", "day", "--role", "load", "--sum"});
  CHECK(sum.status == 0);
  CHECK(sum.says("Sum of 4 channels with the role load: m1/ch0, m1/ch1, m2/ch0, m2/ch1, by day"));
  const auto answer = desk.run({"history", "day", "--role", "load", "--sum", "--json"}).json();
  REQUIRE(answer["series"].size() == 1);
  CHECK(answer["series"][0]["channels"].size() == 4);
  CHECK(answer["series"][0]["import_wh"].get<double>() == Approx(import_of(desk.fleet, 1, 0) + import_of(desk.fleet, 1, 1) +
                                                                 import_of(desk.fleet, 2, 0) + import_of(desk.fleet, 2, 1)));
  const auto mixed = desk.run({"history", "day", "--sum"});
  CHECK(mixed.status == 64);
  CHECK(mixed.complains("m0/ch0 has the role grid and m1/ch0 the role load, which have no sum"));
  const auto periods = desk.run({"history", "period", "--role", "load", "--sum"});
  CHECK(periods.status == 64);
  CHECK(periods.complains("single periods have no sum"));
}

TEST_CASE("what was estimated, not metered or corrected is marked, and what is running too") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(hours{2}, minutes{15});
  desk.meter_as(Quality::estimated, Reason::module_reset, "lower bound", minutes{15});
  desk.meter_as(Quality::gap, Reason::module_reset, "between 0 and 9 kWh", hours{2});
  desk.meter(minutes{45}, minutes{15});
  const auto table = desk.run({"history", "quarter-hour", "--from", "2026-01-05 03:00"});
  REQUIRE(table.status == 0);
  const auto lines = lines_of(table.out);
  const auto marks = [&](const std::string& time) {
    for (const auto& line : lines) {
      if (line.starts_with("2026-01-05 " + time)) return line.substr(line.find_last_of(' ') + 1);
    }
    return std::string{"no such line"};
  };
  CHECK(marks("03:00") == "~");
  CHECK(marks("03:15") == "?");
  CHECK(marks("04:15") == "?");  // in the middle of the gap: the ledger has no quarter hour there
  CHECK(table.says("2026-01-05 04:15           -"));
  CHECK(table.says("~ contains estimated energy\n? was not metered for a part of the time or all of it\n"));
  const auto today = desk.run({"history", "day"});
  CHECK(today.says("~?>"));
  CHECK(today.says("> is not over yet"));
}

TEST_CASE("what is not booked yet is not called a gap") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(hours{1}, minutes{15});
  desk.fleet.pass(minutes{35});  // a module that cannot be reached, or a period of an hour
  const auto table = desk.run({"history", "quarter-hour"});
  CHECK(table.says("2026-01-05 02:15           -"));
  CHECK(!table.says("2026-01-05 02:30"));
  CHECK(!table.says("?"));
}

TEST_CASE("the table of a day on which the clock is set back shows the repeated hour twice, with its offsets") {
  Desk desk{1, 1};
  desk.fleet.now.utc = UtcTime{std::chrono::seconds{1792879200}};  // 2026-10-25T00:00 in Berlin
  desk.open();
  desk.meter(hours{25}, minutes{15});
  const auto table = desk.run({"history", "hour", "--from", "2026-10-25", "--to", "2026-10-25"});
  REQUIRE(table.status == 0);
  CHECK(table.says("2026-10-25 02:00 +02:00"));
  CHECK(table.says("2026-10-25 02:00 +01:00"));
  CHECK(
      desk.run({"history", "hour", "--from", "2026-10-25", "--to", "2026-10-25", "--json"}).json()["series"][0]["bars"].size() ==
      25);
}

TEST_CASE("CSV has one line per bar with exact energies and local times") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(hours{1}, minutes{15});
  const auto csv = desk.run({"history", "quarter-hour", "--csv"});
  const auto lines = lines_of(csv.out);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "begin,end,series,import_wh,export_wh,qualities,is_complete");
  CHECK(lines[1] == "2026-01-05T01:00:00+01:00,2026-01-05T01:15:00+01:00,m0/ch0,16.000001,3.000001,measured,true");
  CHECK(csv.out.find("\r\n") != std::string::npos);
}

TEST_CASE("a plot has a bar per quarter hour, export on the left") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(hours{1}, minutes{15});
  const auto plot = desk.run({"history", "quarter-hour", "--plot"});
  INFO(plot.out);
  const auto lines = lines_of(plot.out);
  REQUIRE(lines.size() == 6);
  CHECK(lines[0] == "m0/ch0 (grid), by quarter-hour, Europe/Berlin");
  CHECK(lines[1] == "kWh               import  export");
  CHECK(lines[2] == "2026-01-05 01:00   0.016   0.003  ▒▒▒▒▒▒▒│█████████████████████████████████████▍");
}

TEST_CASE("wrong questions are answered with what is right") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  const auto expect = [&](const std::vector<std::string>& arguments, const std::string& words) {
    const auto outcome = desk.run(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == 64);
    CHECK(outcome.out.empty());
    CHECK(outcome.complains(words));
  };
  expect({"history", "weekly"}, "there is no history by \"weekly\"; it goes by period, quarter-hour, hour, day, month or year");
  expect({"history", "--module", "mm"}, "it has m0, m1 and m2");
  expect({"history", "--role", "sun"}, "the roles are grid, solar, battery, load and other");
  expect({"history", "--from", "31.12.2026"}, "is no time");
  expect({"history", "--from", "today", "--to", "2d"}, "--to is earlier than --from");
  expect({"history", "--csv", "--plot"}, "excludes");
  expect({"history", "--csv", "--json"}, "--json excludes --csv and --plot");
  expect({"history", "day", "week"}, "not expected");
}

TEST_CASE("a ledger without a channel says so") {
  Desk desk;
  desk.ledger = open_ledger(settings_for(desk.ledger_path()), desk.fleet.now, desk.zone());
  const auto outcome = desk.run({"history"});
  CHECK(outcome.status == 64);
  CHECK(outcome.complains("no module has closed a period"));
}
