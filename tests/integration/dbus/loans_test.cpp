// Buses that are lent over D-Bus.
#include "bus_world.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

TEST_CASE("a borrowed bus carries transfers until it is returned") {
  auto world = BusWorld::running();
  CHECK(world->call(command("BorrowBus"), "s", "main") == "1, '/dev/i2c-1', true, 255");
  CHECK(world->control.last_call() == "borrow main " + world->caller->unique_name());
  CHECK(world->wait(world->caller->begin_transfer(1, 0x50, {0x5C}, 2)) == "[18, 52]");
  CHECK(world->control.last_call() == "transfer 1 0x50 92 r2");
  CHECK(world->wait(world->caller->begin_transfer(1, 0x51, {0x30, 1, 2}, 0)) == "[]");
  CHECK(world->control.last_call() == "transfer 1 0x51 48 1 2 r0");
  CHECK(world->call(command("ReturnBus"), "t", std::uint64_t{1}).empty());
  CHECK(world->control.last_call() == "return 1");
  CHECK(has(world->call(command("ReturnBus"), "t", std::uint64_t{1}), "org.rbampd1.Error.BusMissing"));
  CHECK(has(world->wait(world->caller->begin_transfer(1, 0x50, {0x5C}, 2)), "org.rbampd1.Error.BusMissing"));
}

TEST_CASE("transfers that make no sense are refused") {
  auto world = BusWorld::running();
  CHECK(has(world->call(command("BorrowBus"), "s", "main"), "1, "));
  const auto transfer = [&](std::uint8_t address, const std::vector<std::uint8_t>& write, std::uint32_t length) {
    return world->wait(world->caller->begin_transfer(1, address, write, length));
  };
  CHECK(has(transfer(0x03, {1}, 1), "0x08 to 0x77"));
  CHECK(has(transfer(0x50, {}, 1), "nothing to write"));
  CHECK(has(transfer(0x50, std::vector<std::uint8_t>(256), 0), "255 bytes"));
  CHECK(has(transfer(0x50, {1}, 256), "255 bytes"));
  CHECK(has(transfer(0x50, {1}, UINT32_MAX), "org.rbampd1.Error.RequestInvalid"));
  CHECK(world->control.calls.size() == 1);
}

TEST_CASE("the daemon's refusal of a transfer reaches the borrower") {
  auto world = BusWorld::running();
  CHECK(has(world->call(command("BorrowBus"), "s", "main"), "1, "));
  world->control.error = Error{Errc::bus_nack, Remedy::retry, "nobody answers at 0x50"};
  CHECK(world->wait(world->caller->begin_transfer(1, 0x50, {1}, 1)) == "org.rbampd1.Error.BusNack: nobody answers at 0x50");
}

TEST_CASE("a loan ends when its owner leaves the bus") {
  auto world = BusWorld::running();
  CHECK(has(world->call(command("BorrowBus"), "s", "main"), "1, "));
  world->caller.reset();
  world->until([&] { return world->control.last_call() == "return 1"; });
}

TEST_CASE("nobody else can use, end or fake the end of a loan") {
  auto world = BusWorld::running();
  CHECK(has(world->call(command("BorrowBus"), "s", "main"), "1, "));
  const auto owner = world->caller->unique_name();
  auto first = std::move(world->caller);
  world->caller = std::make_unique<Caller>(world->bus.address());
  CHECK(has(world->wait(world->caller->begin_transfer(1, 0x50, {1}, 1)), "org.rbampd1.Error.BusMissing"));
  CHECK(has(world->call(command("ReturnBus"), "t", std::uint64_t{1}), "org.rbampd1.Error.BusMissing"));
  world->caller->emit({"/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged"}, "org.rbampd1", "sss", owner.c_str(),
                      owner.c_str(), "");
  CHECK(world->get("State") == "'healthy'");  // whatever was sent before has been handled
  CHECK(world->control.calls.size() == 1);
}

TEST_CASE("loans end when the bus dies") {
  auto world = BusWorld::running();
  CHECK(has(world->call(command("BorrowBus"), "s", "main"), "1, "));
  world->caller.reset();
  world->bus.stop();
  world->until([&] { return !world->service->is_on_the_bus(); });
  CHECK(world->control.last_call() == "return 1");
}

}  // namespace
}  // namespace rbamp::dbus
