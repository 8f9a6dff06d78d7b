// Ledgers that are absent, damaged, foreign, newer, unreadable; and events.
#include <sys/stat.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include <filesystem>

#include "ctl/program.hpp"
#include "desk.hpp"
#include "integration/storage/plain_sqlite.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// The commands that only read.
const std::vector<std::vector<std::string>> questions{
    {"history"}, {"explain", "m0", "ch0", "today"}, {"export"}, {"events"}, {"verify"}};

void expect_all(Desk& desk, int status, const std::string& words) {
  for (const auto& question : questions) {
    const auto outcome = desk.run(question);
    INFO(question.front() << ": " << outcome.err);
    CHECK(outcome.status == status);
    CHECK(outcome.complains(words));
    CHECK(outcome.complains("rbampctl: "));
  }
}

storage::LedgerEvent event(const FleetOfRows& fleet, const std::string& module, const std::string& text) {
  return {fleet.now, module, "", "test", text};
}

}  // namespace

TEST_CASE("where no ledger is, every command says where it looked") {
  Desk desk;
  expect_all(desk, 65, "there is no ledger " + desk.ledger_path());
  CHECK(!std::filesystem::exists(desk.ledger_path()));
  CHECK(desk.run({"backup", desk.folder.file("copy.db")}).status == 65);
  CHECK(desk.run({"adjust", "m0", "ch0", "--import", "1", "--reason", "x", "--yes"}).status == 65);
}

TEST_CASE("what is not a ledger is not read as one") {
  Desk desk;
  desk.folder.write("energy.db",
                    "this is no database, but it is long enough to be looked at by anybody who is curious enough to do so");
  expect_all(desk, 65, "energy.db");
  desk.folder.write("energy.db", "");
  expect_all(desk, 65, "not a ledger of rbampd");
  CHECK(desk.run({"backup", desk.folder.file("copy.db")}).status == 65);
  CHECK(!std::filesystem::exists(desk.folder.file("copy.db")));
}

TEST_CASE("a ledger of a later version is left to that version") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  PlainSqlite{desk.ledger_path(), true}.run("PRAGMA user_version = 999");
  expect_all(desk, 65, "999");
}

TEST_CASE("verify names the first thing that is wrong and ends with status 1") {
  Desk desk;
  desk.open();
  desk.meter(hours{1});
  desk.close();
  const auto sound = desk.run({"verify"});
  CHECK(sound.status == 0);
  CHECK(sound.says("sound. 360 postings in 180 closings of 60 rounds"));
  PlainSqlite{desk.ledger_path(), true}.run(
      "UPDATE closings SET import0 = import0 + 1 WHERE id = (SELECT id FROM closings ORDER BY id DESC LIMIT 1 OFFSET 5)");
  const auto broken = desk.run({"verify"});
  CHECK(broken.status == 1);
  CHECK(broken.says("I1 is broken at m"));
  const auto answer = desk.run({"verify", "--json"});
  CHECK(answer.status == 1);
  CHECK(answer.json()["ok"] == false);
  CHECK(answer.json()["violation"]["rule"] == "I1");
}

TEST_CASE("a configuration with a problem is shown as rbampd shows it, with status 78") {
  Desk desk;
  desk.folder.write("bad.toml", "[storage]\npaht = \"x\"\n");
  const auto outcome = desk.run_with({"history"}, "", {"--config", desk.folder.file("bad.toml")});
  CHECK(outcome.status == 78);
  CHECK(outcome.complains("bad.toml:2:1: error: "));
  CHECK(outcome.complains("did you mean"));
  CHECK(desk.run_with({"verify"}, "", {"--config", desk.folder.file("none.toml")}).status == 78);
}

TEST_CASE("--ledger goes before the configuration's path, in front of or behind the command") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  REQUIRE(desk.run({"backup", desk.folder.file("copy.db")}).status == 0);
  desk.meter(minutes{5});
  CHECK(lines_of(desk.run({"export", "--no-head", "--ledger", desk.folder.file("copy.db")}).out).size() == 30);
  CHECK(lines_of(desk.run({"--ledger", desk.folder.file("copy.db"), "export", "--no-head"}).out).size() == 30);
  CHECK(lines_of(desk.run({"export", "--no-head"}).out).size() == 60);
}

TEST_CASE("events come oldest first, the newest of them, of one module, or since a time") {
  Desk desk;
  desk.open();
  for (int i = 0; i < 5; ++i) {
    desk.meter(minutes{10});
    REQUIRE(desk.ledger->record(event(desk.fleet, i % 2 == 0 ? "m0" : "m1", "number " + std::to_string(i))));
  }
  const auto all = lines_of(desk.run({"events"}).out);
  REQUIRE(all.size() == 5);
  CHECK(all[0] == "2026-01-05 01:10:00  m0  test  number 0");
  CHECK(lines_of(desk.run({"events", "-n", "2"}).out).front() == "2026-01-05 01:40:00  m1  test  number 3");
  CHECK(lines_of(desk.run({"events", "--module", "m1"}).out).size() == 2);
  CHECK(lines_of(desk.run({"events", "--from", "01:30"}).out).size() == 3);
  const auto first = nlohmann::json::parse(lines_of(desk.run({"events", "--json"}).out).front());
  CHECK(first["at"] == "2026-01-05T00:10:00.000Z");
  CHECK(first["module"] == "m0");
  CHECK(desk.run({"explain", "m0", "ch0", "today"}).says("Events of m0:\n  2026-01-05 01:10:00  test: number 0"));
  const auto none = desk.run({"events", "--module", "m2"});
  CHECK(none.status == 0);
  CHECK(none.complains("no such event"));
}

namespace {

/// Lets something happen whenever the program sleeps, and stops listening in the end.
class EventfulClock final : public Clock {
 public:
  EventfulClock(Desk& desk, std::ostringstream& out) : desk_(desk), out_(out) {}
  [[nodiscard]] BootTime boot_now() const override { return desk_.fleet.now.at; }
  [[nodiscard]] UtcTime utc_now() const override { return desk_.fleet.now.utc; }
  [[nodiscard]] bool utc_is_synchronised() const override { return true; }
  void sleep_for(Microseconds time) override {
    CHECK(time == seconds{1});
    desk_.fleet.pass(time);
    if (++sleeps_ <= 3) REQUIRE(desk_.ledger->record(event(desk_.fleet, "m0", "later " + std::to_string(sleeps_))));
    if (sleeps_ == 5) {
      heard = out_.str();
      out_.setstate(std::ios::badbit);  // who listened is gone
    }
  }
  std::string heard;

 private:
  Desk& desk_;
  std::ostringstream& out_;
  int sleeps_ = 0;
};

}  // namespace

TEST_CASE("--follow shows each new event once, and ends when nobody listens any more") {
  Desk desk;
  desk.open();
  REQUIRE(desk.ledger->record(event(desk.fleet, "m0", "before")));
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  ctl::Terminal terminal{in, out, err};
  EventfulClock clock{desk, out};
  CHECK(ctl::run({"events", "--follow", "--config", desk.folder.file("rbampd.toml")}, terminal, clock) == 74);
  const auto lines = lines_of(clock.heard);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].ends_with("before"));
  CHECK(lines[1].ends_with("later 1"));
  CHECK(lines[3].ends_with("later 3"));
}
