// A ledger that must be opened anew while periods wait for it.
#include "office.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::vector<metering::ArmedLatch> latch_of(const metering::Account& account) { return {{account.module, {}}}; }

/// Three periods wait, of two places, when the ledger turns out to be damaged.
struct BrokenOffice : Office {
  metering::Account mains = open("mains").value();
  int durable = 0;

  BrokenOffice() {
    book(mains, 10.0);
    loop.run_for(seconds{1});
    refuse();
    for (int i = 0; i < 3; ++i) book(mains, 5.0, [this](const Result<void>& result) { durable += result ? 1 : 100; });
    loop.run_for(seconds{1});
    make_room();
    ledger.is_damaged = true;
  }
};

}  // namespace

TEST_CASE("damage that is met while periods wait: the ledger is opened anew, and they are stored in order") {
  BrokenOffice office;
  SECTION("met by the commit") {}
  SECTION("met by a latch that is about to be sent, which waits for the repair") {
    int armed = 0;
    office.bookkeeper.arm(latch_of(office.mains), [&armed](const Result<void>& result) { armed += result ? 1 : 100; });
    office.loop.run_for(seconds{1});
    CHECK(armed == 1);
    CHECK(office.ledger.arms == 1);
  }
  SECTION("met by the opening of another account") { CHECK(office.open("attic", 3)); }
  office.loop.run_for(minutes{2});
  CHECK(office.ends == 0);
  CHECK(office.ledger.reopenings == 1);
  CHECK(office.durable == 3);
  CHECK(office.bookkeeper.backlog() == 0);
  CHECK(office.bookkeeper.loss().empty());
  CHECK(office.bookkeeper.problem().empty());
  CHECK(office.stored("mains") == Approx(25.0));
  CHECK(office.told(office.mains) == Approx(25.0));
  CHECK(office.ledger.memory.closings("mains").size() == 4);
  CHECK(office.ledger.memory.violations.empty());
}

TEST_CASE("no room for the repaired file: latches go on, everything waits, and it is tried again") {
  BrokenOffice office;
  office.ledger.repair = [] { return Result<void>{failure(Errc::ledger_full, Remedy::wait, "no room")}; };
  office.loop.run_for(minutes{10});
  CHECK(office.bookkeeper.problem() == "no room");
  std::optional<bool> is_armed;
  office.bookkeeper.arm(latch_of(office.mains), [&is_armed](const Result<void>& result) { is_armed = result.has_value(); });
  CHECK_FALSE(office.open("attic", 3));
  REQUIRE(is_armed);
  CHECK_FALSE(*is_armed);
  office.book(office.mains, 5.0);
  CHECK(office.ends == 0);
  CHECK(office.told(office.mains) == Approx(10.0));
  office.ledger.repair = nullptr;
  office.loop.run_for(minutes{2});
  CHECK(office.durable == 3);
  CHECK(office.stored("mains") == Approx(30.0));
  CHECK(office.open("attic", 3));
}

TEST_CASE("what cannot be opened anew, or not as it was, ends the program, and the log says what is lost") {
  BrokenOffice office;
  SECTION("it cannot be opened") {
    office.ledger.repair = [] { return Result<void>{failure(Errc::ledger_readonly, Remedy::give_up, "not a ledger")}; };
  }
  SECTION("its registers are older") {
    office.ledger.repair = [&office] {
      office.ledger.is_forgetful = true;
      return Result<void>{};
    };
  }
  SECTION("it is another one, that knows the place by another number") {
    office.ledger.repair = [&office] {
      office.ledger.is_another = true;
      return Result<void>{};
    };
  }
  int armed = 0;
  office.bookkeeper.arm(latch_of(office.mains), [&armed](const Result<void>&) { ++armed; });
  office.loop.run_for(minutes{10});
  CHECK(office.ends == 1);
  CHECK(armed == 0);
  CHECK(office.durable == 0);
  CHECK(office.told(office.mains) == Approx(10.0));
  CHECK(office.bookkeeper.backlog() == 3);
  // The clock of the test begins a second after the year 2026 does, and the first of the four minutes was stored.
  CHECK(office.bookkeeper.loss() ==
        "The ledger lacks 3 periods from 2026-01-01T00:01:01Z to 2026-01-01T00:04:01Z. Of the periods the modules keep the "
        "newest, 1 in "
        "all, which the next start recovers; the others are lost with this process");
}

TEST_CASE("a ledger that is damaged again before anything was stored ends the program") {
  BrokenOffice office;
  office.ledger.repair = [&office] {
    office.ledger.memory.hook = [&office](LedgerStep step) -> std::optional<Error> {
      if (step != LedgerStep::before_commit) return std::nullopt;
      office.ledger.is_damaged = true;
      return Error{Errc::ledger_damaged, Remedy::reinitialise, "page 8 is malformed"};
    };
    return Result<void>{};
  };
  office.loop.run_for(minutes{10});
  CHECK(office.ledger.reopenings == 1);
  CHECK(office.ends == 1);
  CHECK(office.bookkeeper.backlog() == 3);
}

TEST_CASE("a commit that contradicts the ledger ends the program: opening it anew would not help") {
  BrokenOffice office;
  office.ledger.is_damaged = false;
  office.ledger.memory.hook = [](LedgerStep step) -> std::optional<Error> {
    if (step != LedgerStep::before_commit) return std::nullopt;
    return Error{Errc::ledger_damaged, Remedy::give_up, "the totals are not the stored ones plus its energy"};
  };
  office.loop.run_for(minutes{10});
  CHECK(office.ledger.reopenings == 0);
  CHECK(office.ends == 1);
}
