#include "dbus/loan_desk.hpp"

#include "loop/virtual_loop.hpp"
#include "support/catch.hpp"
#include "unit/dbus/fake_control.hpp"

namespace rbamp::dbus {
namespace {

using std::chrono::seconds;
const BusTransfer read_two{I2cAddress{0x50}, {0x5C}, 2};

struct Desk {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  FakeControl control;
  LoanDesk desk{control, loop};

  std::optional<Result<BusLoan>> loan;
  std::optional<Result<std::vector<std::uint8_t>>> read;

  void borrow(const std::string& owner) {
    desk.borrow("main", owner, [this](Result<BusLoan> answer) { loan = std::move(answer); });
  }
  void transfer(std::uint64_t id, const std::string& owner) {
    desk.transfer(id, owner, read_two, [this](Result<std::vector<std::uint8_t>> answer) { read = std::move(answer); });
  }
};

TEST_CASE("who borrowed a bus can talk on it and give it back") {
  Desk world;
  world.borrow(":1.7");
  REQUIRE(world.loan);
  REQUIRE(*world.loan);
  world.transfer(1, ":1.7");
  REQUIRE(world.read);
  CHECK(**world.read == std::vector<std::uint8_t>{0x12, 0x34});
  CHECK(world.desk.give_back(1, ":1.7"));
  CHECK(world.control.calls == std::vector<std::string>{"borrow main :1.7", "transfer 1 0x50 92 r2", "return 1"});
  CHECK(world.desk.loans() == 0);
}

TEST_CASE("a loan is of no use to somebody else, and neither is one that has ended") {
  Desk world;
  world.borrow(":1.7");
  world.transfer(1, ":1.8");
  REQUIRE(world.read);
  REQUIRE_FALSE(*world.read);
  CHECK(world.read->error().is(Errc::bus_missing));
  CHECK(world.read->error().remedy == Remedy::reinitialise);
  CHECK_FALSE(world.desk.give_back(1, ":1.8"));
  CHECK(world.desk.loans() == 1);
  CHECK(world.desk.give_back(1, ":1.7"));
  CHECK_FALSE(world.desk.give_back(1, ":1.7"));
  CHECK(world.control.calls.back() == "return 1");
  CHECK(world.control.calls.size() == 2);
}

TEST_CASE("a loan that nobody uses ends after a minute, and every transfer begins the minute anew") {
  Desk world;
  world.borrow(":1.7");
  world.loop.run_for(seconds{59});
  world.transfer(1, ":1.7");
  world.loop.run_for(seconds{59});
  CHECK(world.desk.loans() == 1);
  world.loop.run_for(seconds{2});
  CHECK(world.desk.loans() == 0);
  CHECK(world.control.last_call() == "return 1");
}

TEST_CASE("a loan does not end while a transfer is under way") {
  Desk world;
  world.borrow(":1.7");
  world.control.answers_later = true;
  world.transfer(1, ":1.7");
  world.loop.run_for(seconds{300});
  CHECK(world.desk.loans() == 1);
  world.control.answer_next();
  CHECK(world.read);
  world.loop.run_for(seconds{61});
  CHECK(world.control.last_call() == "return 1");
}

TEST_CASE("a bus comes back when its borrower leaves, and no other one") {
  Desk world;
  world.borrow(":1.7");
  world.borrow(":1.8");
  world.desk.owner_left(":1.7");
  CHECK(world.control.last_call() == "return 1");
  CHECK(world.desk.loans() == 1);
}

TEST_CASE("a bus that is lent after its borrower left goes straight back, without an answer to nobody") {
  Desk world;
  world.control.answers_later = true;
  world.borrow(":1.7");
  world.desk.owner_left(":1.7");
  world.control.answer_next();
  CHECK_FALSE(world.loan);
  CHECK(world.control.last_call() == "return 1");
  CHECK(world.desk.loans() == 0);
}

TEST_CASE("a bus that is lent after the desk is gone goes straight back") {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  FakeControl control;
  control.answers_later = true;
  bool was_answered = false;
  {
    LoanDesk desk{control, loop};
    desk.borrow("main", ":1.7", [&](const Result<BusLoan>&) { was_answered = true; });
  }
  control.answer_next();
  CHECK_FALSE(was_answered);
  CHECK(control.last_call() == "return 1");
}

TEST_CASE("a daemon that takes the bus back ends the loan, and the borrower learns to borrow anew") {
  Desk world;
  world.borrow(":1.7");
  world.control.error = Error{Errc::cancelled, Remedy::give_up, "rbampd needs the bus for itself"};
  world.transfer(1, ":1.7");
  REQUIRE(world.read);
  REQUIRE_FALSE(*world.read);
  CHECK(world.read->error().is(Errc::bus_missing));
  CHECK(world.read->error().detail == "rbampd needs the bus for itself");
  CHECK(world.desk.loans() == 0);
  CHECK(world.control.last_call() == "transfer 1 0x50 92 r2");
}

TEST_CASE("a refused loan is none") {
  Desk world;
  world.control.error = Error{Errc::bus_busy, Remedy::wait, "lent already"};
  world.borrow(":1.7");
  REQUIRE(world.loan);
  CHECK_FALSE(*world.loan);
  CHECK(world.desk.loans() == 0);
  world.desk.end_all();
  CHECK(world.control.calls.size() == 1);
}

}  // namespace
}  // namespace rbamp::dbus
