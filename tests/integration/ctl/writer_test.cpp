// Questions while the ledger is written, and while somebody keeps everybody out.
#include <atomic>
#include <sstream>
#include <thread>

#include "ctl/program.hpp"
#include "desk.hpp"
#include "integration/storage/plain_sqlite.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;

TEST_CASE("questions and backups are answered soundly while another thread books round after round") {
  Desk desk{4, 2};
  desk.open();
  desk.meter(minutes{30});
  const UtcTime asked_at = desk.fleet.now.utc + std::chrono::hours{24 * 30};
  std::atomic<bool> is_over = false;
  std::atomic<int> rounds = 0;
  std::string trouble;
  std::thread writer{[&] {
    while (!is_over && rounds < 20'000) {
      desk.fleet.pass(minutes{1});
      if (auto booked = desk.ledger->commit(desk.fleet.round()); !booked) trouble = booked.error().detail;
      ++rounds;
    }
  }};
  // A desk of its own: the other one belongs to the writer now.
  const auto ask = [&](std::vector<std::string> arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Terminal terminal{in, out, err};
    ManualClock clock{asked_at};
    arguments.insert(arguments.end(), {"--config", desk.folder.file("rbampd.toml")});
    const int status = ctl::run(arguments, terminal, clock);
    return Outcome{status, out.str(), err.str()};
  };
  std::string before;
  bool is_prefix = true;
  bool is_sound = true;
  for (int i = 0; i < 8; ++i) {
    const auto exported = ask({"export", "--no-head"});
    is_prefix = is_prefix && exported.status == 0 && exported.out.starts_with(before);
    before = exported.out;
    is_sound = is_sound && ask({"verify"}).status == 0;
    is_sound = is_sound && ask({"history", "quarter-hour", "--from", "2026", "--json"}).status == 0;
    const std::string copy = desk.folder.file("copy" + std::to_string(i) + ".db");
    is_sound = is_sound && ask({"backup", copy}).status == 0 && ask({"verify", "--ledger", copy}).status == 0;
  }
  is_over = true;
  writer.join();
  CHECK(is_prefix);
  CHECK(is_sound);
  CHECK(trouble.empty());
  CHECK(rounds > 0);
}

TEST_CASE("a ledger that another program keeps for itself is busy, not broken") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  PlainSqlite other{desk.ledger_path(), true};
  other.run("PRAGMA locking_mode = EXCLUSIVE");
  other.run("UPDATE book SET id = 0");
  const auto outcome = desk.run({"history"});
  CHECK(outcome.status == 69);
  CHECK(outcome.complains("another program holds it"));
}
