#include <nlohmann/json.hpp>
#include <sstream>

#include "ctl/program.hpp"
#include "desk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

/// What the last line on stderr names.
std::string cursor_of(const Outcome& outcome) {
  const auto lines = lines_of(outcome.err);
  REQUIRE(!lines.empty());
  const std::string head = "rbampctl: to go on behind this export: --after ";
  REQUIRE(lines.back().starts_with(head));
  return lines.back().substr(head.size());
}

}  // namespace

TEST_CASE("an export has every line once, with exact energies and times as stored") {
  Desk desk;
  desk.open();
  desk.meter(hours{3});
  const auto outcome = desk.run({"export"});
  REQUIRE(outcome.status == 0);
  const auto lines = lines_of(outcome.out);
  CHECK(lines.size() == 1 + 180 * 6);
  CHECK(lines[0] ==
        "id,begin,end,module,channel,chip,length_s,quality,reason,import_wh,export_wh,total_import_wh,total_export_wh,"
        "export_is_estimated,time_is_trusted,note,export_source");
  CHECK(lines[1] == "256,2026-01-05T00:00:00.000Z,2026-01-05T00:01:00.000Z,m0,ch0," + to_string(chip_number(1)) +
                        ",60,measured,none,16.000001,3.000001,16.000001,3.000001,false,true,,none");
}

TEST_CASE("an export goes on where the last one ended, without losing or repeating a line") {
  Desk desk;
  desk.open();
  desk.meter(hours{1});
  const auto first = desk.run({"export", "--format", "jsonl"});
  desk.meter(hours{1});
  const auto second = desk.run({"export", "--format", "jsonl", "--after", cursor_of(first)});
  const auto all = desk.run({"export", "--format", "jsonl"});
  CHECK(first.out + second.out == all.out);
  CHECK(desk.run({"export", "--no-head", "--after", cursor_of(all)}).out.empty());
  CHECK(cursor_of(desk.run({"export", "--after", cursor_of(all)})) == cursor_of(all));
  const auto line = nlohmann::json::parse(lines_of(all.out).front());
  CHECK(line["import_wh"] == 16.000001);
  CHECK(line["module"] == "m0");
  CHECK(line["note"] == "");
}

TEST_CASE("pieces of time put together are the whole") {
  Desk desk;
  desk.open();
  desk.meter(hours{50}, minutes{7});
  std::string pieces;
  for (const std::string day : {"2026-01-05", "2026-01-06", "2026-01-07"})
    pieces += desk.run({"export", "--no-head", "--from", day, "--to", day}).out;
  CHECK(pieces == desk.run({"export", "--no-head"}).out);
  CHECK(desk.run({"export", "--no-head", "--from", "2026-01-09"}).out.empty());
}

TEST_CASE("module and channel choose lines, and a misspelt one is no empty export") {
  Desk desk;
  desk.open();
  desk.meter(minutes{10});
  CHECK(lines_of(desk.run({"export", "--no-head", "--module", "m1"}).out).size() == 20);
  CHECK(lines_of(desk.run({"export", "--no-head", "--channel", "ch1"}).out).size() == 30);
  CHECK(lines_of(desk.run({"export", "--no-head", "--channel", "m2/ch1"}).out).size() == 10);
  const auto misspelt = desk.run({"export", "--module", "m9"});
  CHECK(misspelt.status == 64);
  CHECK(misspelt.out.empty());
  CHECK(desk.run({"export", "--format", "xml"}).status == 64);
  const auto below = desk.run({"export", "--after", "-1"});
  CHECK(below.status == 64);
  CHECK(below.err.find("--after: -1 is less than 0") != std::string::npos);
}

TEST_CASE("an export in many pieces is the same as the ledger has lines") {
  Desk desk{16, 3};
  desk.open();
  desk.meter(hours{10});  // 9600 closings: several pieces of the walk
  const auto lines = lines_of(desk.run({"export", "--no-head"}).out);
  CHECK(lines.size() == 600 * 48);
  std::int64_t before = 0;
  for (const auto& line : lines) {
    const auto id = std::stoll(line);
    if (id < before) FAIL("line " << id << " comes after " << before);
    before = id;
  }
}

TEST_CASE("a note with a comma and a quote stays one field") {
  Desk desk{1, 1};
  desk.open();
  desk.meter_as(metering::Quality::estimated, metering::Reason::foreign_latch, "so \"they\" say, at least", minutes{1});
  CHECK(desk.run({"export", "--no-head"}).says(",\"so \"\"they\"\" say, at least\",none\r\n"));
}

TEST_CASE("an output that cannot be written ends the export with status 74 and without a cursor") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  out.setstate(std::ios::badbit);
  ctl::Terminal terminal{in, out, err};
  ManualClock clock{desk.fleet.now.utc};
  CHECK(ctl::run({"export", "--config", desk.folder.file("rbampd.toml")}, terminal, clock) == 74);
  CHECK(err.str() == "rbampctl: the result could not be written; is the disk full?\n");
}
