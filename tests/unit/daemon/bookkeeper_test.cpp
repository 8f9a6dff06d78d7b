// The bookkeeper's last half second: the ledger cannot be used any more, and the outputs still say farewell.
#include "daemon/bookkeeper.hpp"

#include <string>
#include <utility>
#include <vector>

#include "loop/virtual_loop.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"
#include "support/recorded_output.hpp"

using namespace rbamp;
using namespace std::chrono_literals;

namespace {

/// Says once that it must be opened anew, which fails, and would take everything afterwards, as a file that was deleted does.
struct DamagedLedger final : metering::Ledger {
  Result<metering::Account> open_account(const metering::AccountRequest&) override {
    return failure(Errc::request_invalid, Remedy::give_up, "not asked for");
  }
  Result<void> arm(std::span<const metering::ArmedLatch>) override {
    ++arms;
    return {};
  }
  Result<void> commit(const metering::RoundCommit&) override {
    if (++commits == 1) return failure(Errc::ledger_damaged, Remedy::reinitialise, "the ledger is damaged");
    return {};
  }
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return metering::no_gc_tick; }
  Result<void> maintain(UtcTime, bool) override { return {}; }
  int arms = 0;
  int commits = 0;
};

/// Takes what it is given, sooner or later.
struct FullLedger final : metering::Ledger {
  Result<metering::Account> open_account(const metering::AccountRequest&) override {
    return failure(Errc::request_invalid, Remedy::give_up, "not asked for");
  }
  Result<void> arm(std::span<const metering::ArmedLatch>) override { return {}; }
  Result<void> commit(const metering::RoundCommit&) override {
    if (is_full) return failure(Errc::ledger_full, Remedy::wait, "no space");
    return {};
  }
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return metering::no_gc_tick; }
  Result<void> maintain(UtcTime, bool) override { return {}; }
  bool is_full = false;
};

/// A worker that hangs in the kernel until it is let go.
struct HangingExecutor final : loop::Executor {
  void run(std::function<void()> job) override { jobs.push_back(std::move(job)); }
  void go_on() {
    for (const auto& job : std::exchange(jobs, {})) job();
  }
  std::vector<std::function<void()>> jobs;
};

/// What a bookkeeper stands on, with the times at which it told that its problem is another one.
struct Desk {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  support::MemorySink sink;
  log::Logger logger{sink, log::Level::info};
  support::RecordedOutput output;
  std::vector<std::string> told;
};

}  // namespace

TEST_CASE("a full disk is told as a problem at once, once, and so is its end") {
  Desk desk;
  loop::InlineExecutor executor;
  FullLedger ledger;
  const daemon::Bookkeeper* self = nullptr;
  daemon::Bookkeeper bookkeeper{
      ledger, executor, desk.loop, desk.output, desk.logger, [] {}, [&] { desk.told.push_back(self->problem()); }};
  self = &bookkeeper;
  ledger.is_full = true;
  bookkeeper.book(
      {}, metering::no_gc_tick, [](const Result<void>&) {}, metering::Accounting::Answer::while_newest);
  desk.loop.run_for(1s);
  CHECK(desk.told == std::vector<std::string>{"no space"});
  desk.loop.run_for(1h);
  CHECK(desk.told.size() == 1);
  ledger.is_full = false;
  desk.loop.run_for(2min);
  CHECK(desk.told == std::vector<std::string>{"no space", ""});
  CHECK(desk.sink.count(log::Level::error) == 1);
}

TEST_CASE("a disk that hangs and says no error is a problem after two minutes, and none when it goes on") {
  Desk desk;
  HangingExecutor executor;
  FullLedger ledger;
  daemon::Bookkeeper bookkeeper{
      ledger, executor, desk.loop, desk.output, desk.logger, [] {}, [&] { desk.told.emplace_back("changed"); }};
  bookkeeper.book(
      {}, metering::no_gc_tick, [](const Result<void>&) {}, metering::Accounting::Answer::while_newest);
  desk.loop.run_for(119s);
  CHECK(bookkeeper.problem().empty());
  desk.loop.run_for(2s);
  CHECK(bookkeeper.problem().find("taken no transaction for 2 minutes") != std::string::npos);
  CHECK(desk.told.size() == 1);
  desk.loop.run_for(1h);
  CHECK(desk.sink.count(log::Level::error) == 1);
  executor.go_on();
  desk.loop.run_for(1s);
  CHECK(bookkeeper.problem().empty());
  CHECK(desk.told.size() == 2);
  CHECK(desk.sink.contains("can be written again"));
}

TEST_CASE("a ledger that cannot be opened anew is neither armed nor written again by this process") {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  loop::InlineExecutor executor;
  support::MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  support::RecordedOutput output;
  DamagedLedger ledger;
  int unusable = 0;
  daemon::Bookkeeper bookkeeper{ledger, executor, loop, output, logger, [&unusable] { ++unusable; }};
  int answers = 0;
  const auto answer = [&answers](const Result<void>&) { ++answers; };

  bookkeeper.book({}, metering::no_gc_tick, answer, metering::Accounting::Answer::always);
  bookkeeper.arm({}, answer);  // under way when the damage is told
  loop.run_for(1s);
  REQUIRE(unusable == 1);
  CHECK(answers == 0);
  const int arms = ledger.arms;

  bookkeeper.arm({}, answer);
  bookkeeper.book({}, metering::no_gc_tick, answer, metering::Accounting::Answer::always);
  loop.run_for(10min);
  CHECK(ledger.arms == arms);
  CHECK(ledger.commits == 1);
  CHECK(answers == 0);
  CHECK(unusable == 1);
  CHECK(bookkeeper.backlog() == 2);
}
