// The bookkeeper's last half second: the ledger cannot be used any more, and the outputs still say farewell.
#include "daemon/bookkeeper.hpp"

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

}  // namespace

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
