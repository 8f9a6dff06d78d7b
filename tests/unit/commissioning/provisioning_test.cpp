#include "commissioning/provisioning.hpp"

#include "bench.hpp"
#include "commissioning/module_facts.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;
using protocol::Command;

namespace {

Provision wish_for(std::size_t channels, std::uint8_t address, const std::string& label) {
  Provision wish;
  wish.setup.sensor_class = protocol::SensorClass::sct_013;
  for (std::size_t i = 0; i < channels; ++i) wish.setup.ct_models.at(i) = 3;
  wish.setup.label = label;
  wish.address = I2cAddress{address};
  return wish;
}

Result<ModuleLink> provision_at(Bench& bench, const Provision& wish, std::uint8_t address = 0x50) {
  return provision(bench.link(address), wish, nothing_to_book, {});
}

}  // namespace

TEST_CASE("a virgin module is set up with one SAVE and one COMMIT, and measures afterwards") {
  Bench bench{{virgin_module(Variant::ui1, 1150.0)}};
  bench.clock().advance(1s);
  std::vector<std::string> steps;
  auto wish = wish_for(1, 0x51, "mains");
  wish.setup.listens_to_broadcast = true;
  const auto there = provision(bench.link(), wish, nothing_to_book, [&](std::string_view step) { steps.emplace_back(step); });
  if (!there) FAIL(there.error().detail);
  CHECK(bench.commands(Command::save_user_config) == 1);
  CHECK(bench.commands(Command::commit_addr) == 1);
  CHECK(bench.commands(Command::reset) == 1);
  CHECK(bench.flash_cycles() == 2);
  CHECK(steps.size() >= 5);
  const auto facts = describe(*there).value();
  CHECK(facts.state.error == protocol::ErrorCode::ok);
  CHECK(facts.identity.label == "mains");
  CHECK(facts.settings.address == I2cAddress{0x51});
  CHECK(bench.world().state(0).hears_broadcast);
  bench.clock().advance(1s);
  CHECK(bench.world().live_values(0).active_power[0] == Approx(1150.0).epsilon(0.001));
}

TEST_CASE("without another address one flash cycle is enough") {
  Bench bench{{virgin_module()}};
  bench.clock().advance(1s);
  auto wish = wish_for(1, 0x50, "alone");
  REQUIRE(provision_at(bench, wish));
  CHECK(bench.flash_cycles() == 1);
  CHECK(bench.commands(Command::commit_addr) == 0);
  CHECK(bench.commands(Command::reset) == 1);
}

TEST_CASE("a fleet grows module by module from the same factory address") {
  auto settings = world_of({virgin_module(), virgin_module(Variant::ui2), virgin_module(Variant::i3)});
  for (auto& module : settings.modules) module.plugged = false;
  settings.modules[0].plugged = true;
  Bench bench{settings};
  bench.clock().advance(1s);
  REQUIRE(provision_at(bench, wish_for(1, 0x51, "mains")));
  bench.world().plug(1);
  bench.clock().advance(1s);
  REQUIRE(provision_at(bench, wish_for(2, 0x52, "solar")));
  bench.world().plug(2);
  bench.clock().advance(1s);
  REQUIRE(provision_at(bench, wish_for(3, 0x53, "flats")));
  for (std::size_t i = 0; i < 3; ++i) CHECK(bench.flash_cycles(i) == 2);
  CHECK(bench.link(0x51).identity().label == "mains");
  CHECK(bench.link(0x52).identity().label == "solar");
  CHECK(bench.link(0x53).identity().label == "flats");
}

TEST_CASE("what cannot be done is refused before anything is written") {
  Bench bench{{virgin_module(Variant::ui2), module_at(0x51)}};
  bench.clock().advance(1s);
  const auto expect = [&](const Provision& wish, const std::string& words, std::uint8_t at = 0x50) {
    const auto done = provision_at(bench, wish, at);
    REQUIRE(!done);
    INFO(done.error().detail);
    CHECK(contains(done.error().detail, words));
  };
  expect(wish_for(2, 0x51, "x"), "is taken by rbAmp UI1");
  expect(wish_for(1, 0x52, "x"), "say which current transformer is on channel 1");
  expect(wish_for(3, 0x52, "x"), "no channel 2");
  expect(wish_for(2, 0x52, "ninechars"), "label");
  expect(wish_for(2, 0x52, "x"), "set up already", 0x51);
  auto classless = wish_for(2, 0x52, "x");
  classless.setup.sensor_class.reset();
  expect(classless, "sensor class");
  CHECK(bench.writes(0) == 0);
  CHECK(bench.writes(1) == 0);
}

TEST_CASE("a module whose flash was torn is set up again at 0x50") {
  Bench bench{{module_at(0x51)}};
  bench.clock().advance(1s);
  bench.cut_supply_after(Command::save_user_config, 50ms);
  Setup setup;
  setup.label = "torn";
  REQUIRE(!apply_setup(bench.link(0x51), setup, nothing_to_book, {}));
  bench.world().bus()->set_hooks({});
  bench.clock().advance(5s);
  REQUIRE(provision_at(bench, wish_for(1, 0x51, "again")));
  CHECK(bench.link(0x51).identity().label == "again");
}

TEST_CASE("a new module that loses its supply while its address is stored is not said to have its settings") {
  Bench bench{{virgin_module()}};
  bench.clock().advance(1s);
  bench.cut_supply_after(Command::commit_addr, 50ms);
  const auto done = provision_at(bench, wish_for(1, 0x51, "mains"));
  REQUIRE(!done);
  CHECK(contains(done.error().detail, "lost its settings"));
  CHECK(done.error().detail.ends_with("set it up again with rbampctl provision 0x50"));
}

TEST_CASE("an interrupted set-up says what is stored and can be completed") {
  Bench bench{{virgin_module()}};
  bench.clock().advance(1s);
  bench.disturb(Command::commit_addr, Intervention::nack_address, 1000);
  const auto done = provision_at(bench, wish_for(1, 0x51, "mains"));
  REQUIRE(!done);
  CHECK(contains(done.error().detail, "nothing was stored"));
  CHECK(contains(done.error().detail, "rbampctl set address 0x50 NEW"));
  bench.world().bus()->set_hooks({});
  bench.world().inject_now(fault(FaultKind::power_cycle, 0us, 100ms));
  bench.clock().advance(1s);
  CHECK(bench.link(0x50).identity().label == "mains");
}
