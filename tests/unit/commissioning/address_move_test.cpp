#include "commissioning/address_move.hpp"

#include "bench.hpp"
#include "commissioning/solitude.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;
using protocol::Command;

namespace {

Result<ModuleLink> move(Bench& bench, std::uint8_t from, std::uint8_t to) {
  return move_module(bench.link(from), I2cAddress{to}, nothing_to_book, {});
}

bool answers(Bench& bench, std::uint8_t address) { return ModuleLink::open(bench.station(), I2cAddress{address}).has_value(); }

}  // namespace

TEST_CASE("a module moves with one flash cycle, keeps its chip, and its old address is silent") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  const auto there = move(bench, 0x50, 0x61);
  REQUIRE(there);
  CHECK(there->address() == I2cAddress{0x61});
  CHECK(there->identity().uid == bench.world().state(0).uid);
  CHECK(!answers(bench, 0x50));
  CHECK(bench.flash_cycles() == 1);
  bench.world().inject_now(fault(FaultKind::power_cycle, 0us, 1s));
  bench.clock().advance(2s);
  CHECK(answers(bench, 0x61));
}

TEST_CASE("an address that is taken, impossible or its own is refused before anything is written") {
  auto settings = world_of({module_at(0x50), module_at(0x51)});
  settings.foreign = {{simulator::ForeignSettings::Kind::eeprom, "main", I2cAddress{0x57}}};
  Bench bench{settings};
  bench.clock().advance(1s);
  const auto expect = [&](std::uint8_t to, const std::string& words) {
    const auto done = move(bench, 0x50, to);
    REQUIRE(!done);
    INFO(done.error().detail);
    CHECK(done.error().is(Errc::request_invalid));
    CHECK(contains(done.error().detail, words));
  };
  expect(0x51, "0x51 on bus \"main\" is taken by rbAmp UI1");
  expect(0x57, "is taken by not an rbAmp");
  expect(0x78, "no address for a module");
  expect(0x03, "no address for a module");
  expect(0x50, "at this address already");
  CHECK(bench.writes(0) == 0);
  CHECK(bench.world().foreign_bytes_written() == 0);
}

TEST_CASE("two modules at one address are not moved when they betray themselves") {
  SECTION("by their uptime") {
    auto a = virgin_module();
    auto b = virgin_module();
    a.uptime = 100s;
    b.uptime = 1234s;
    Bench bench{{a, b}};
    bench.clock().advance(1s);
    const auto done = move(bench, 0x50, 0x61);
    REQUIRE(!done);
    CHECK(done.error().is(Errc::wrong_module));
    CHECK(contains(done.error().detail, "more than one module seems to answer at 0x50"));
    CHECK(bench.writes(0) == 0);
  }
  SECTION("by impossible currents") {
    auto a = module_at(0x50, Variant::i1, 900.0);
    auto b = module_at(0x50, Variant::i1, 33.0);
    Bench bench{{a, b}};
    bench.clock().advance(1s);
    CHECK(!check_alone(bench.link()));
  }
}

TEST_CASE("one module alone is not taken for two, whatever flows through it") {
  for (const double watts : {0.0, 50.0, 3000.0}) {
    auto module = module_at(0x50, Variant::ui2, watts);
    module.channels[0].loads[0] = simulator::test::square(watts, watts / 3, 130ms);
    module.quirks.uptime_runs_on_chip_clock = true;
    Bench bench{{module}};
    bench.clock().advance(1s);
    const auto alone = check_alone(bench.link());
    INFO((alone ? "" : alone.error().detail));
    CHECK(alone);
  }
}

TEST_CASE("a commit that the module refuses leaves it where it is, and says so") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  // The permission is used up or too late: the arming write is lost on the way.
  bench.world().bus()->set_hooks({[](const Transaction& transaction) {
                                    return transaction.writes(protocol::reg::addr_commit_magic, protocol::magic)
                                               ? Intervention::lose_write
                                               : Intervention::none;
                                  },
                                  {}});
  const auto done = move(bench, 0x50, 0x61);
  REQUIRE(!done);
  CHECK(done.error().is(Errc::rejected));
  CHECK(contains(done.error().detail, "answers at its old address"));
  CHECK(bench.flash_cycles() == 0);
  CHECK(answers(bench, 0x50));
}

TEST_CASE("a supply that fails while the address is stored is told with how to go on") {
  Bench bench{{module_at(0x51)}};
  bench.clock().advance(1s);
  bench.cut_supply_after(Command::commit_addr, 50ms);
  const auto done = move(bench, 0x51, 0x61);
  REQUIRE(!done);
  CHECK(contains(done.error().detail, "at 0x50 with factory defaults"));
  CHECK(contains(done.error().detail, "rbampctl provision 0x50"));
  CHECK_FALSE(contains(done.error().detail, "old address"));
}

TEST_CASE("a lost acknowledge of the commit does not store the address twice") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  bench.disturb(Command::commit_addr, Intervention::lose_ack);
  REQUIRE(move(bench, 0x50, 0x61));
  CHECK(bench.flash_cycles() == 1);
}
