#include "commissioning/setup.hpp"

#include "bench.hpp"
#include "commissioning/module_facts.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;
using protocol::Command;

namespace {

Result<ModuleLink> apply(Bench& bench, const Setup& setup, std::uint8_t address = 0x50,
                         const BeforeReset& before = nothing_to_book) {
  return apply_setup(bench.link(address), setup, before, {});
}

Setup with_label(const std::string& label) {
  Setup setup;
  setup.label = label;
  return setup;
}

Setup with_ct(std::size_t channel, std::uint8_t code) {
  Setup setup;
  setup.ct_models.at(channel) = code;
  return setup;
}

std::string label_of(Bench& bench, std::uint8_t address = 0x50) { return bench.link(address).identity().label; }

}  // namespace

TEST_CASE("a label is written, stored with one flash cycle, and still there after the reset") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  REQUIRE(apply(bench, with_label("heatpump")));
  CHECK(label_of(bench) == "heatpump");
  CHECK(bench.flash_cycles() == 1);
  CHECK(bench.commands(Command::reset) == 1);
  bench.world().inject_now(fault(FaultKind::power_cycle, 0us, 1s));
  bench.clock().advance(2s);
  CHECK(label_of(bench) == "heatpump");
}

TEST_CASE("what is set so already costs neither a write nor a flash cycle nor a reset") {
  auto module = module_at(0x50);
  module.label = "boiler";
  Bench bench{{module}};
  bench.clock().advance(1s);
  auto setup = with_label("boiler");
  setup.ct_models[0] = 3;
  setup.group = 0;
  setup.listens_to_broadcast = false;
  setup.sensor_class = protocol::SensorClass::sct_013;
  CHECK(plan_setup(bench.link(), setup).value().empty());
  REQUIRE(apply(bench, setup));
  CHECK(bench.writes() == 0);
  CHECK(bench.flash_cycles() == 0);
}

TEST_CASE("several settings together cost one flash cycle") {
  Bench bench{{module_at(0x50, Variant::i3)}};
  bench.clock().advance(1s);
  Setup setup = with_label("flats");
  setup.ct_models = {1, 2, 6};
  setup.group = 9;
  setup.listens_to_broadcast = true;
  const auto changes = plan_setup(bench.link(), setup).value();
  CHECK(changes.size() == 6);
  REQUIRE(apply(bench, setup));
  CHECK(bench.flash_cycles() == 1);
  const auto facts = describe(bench.link()).value();
  CHECK(facts.evidence.ct_models == std::array<std::uint8_t, max_channels>{1, 2, 6});
  CHECK(facts.settings.group == 9);
  CHECK(bench.world().state(0).hears_broadcast);
}

TEST_CASE("a label that is too long or not ASCII is refused before anything is written") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  for (const std::string label : {"ninechars", "Küche", "tab\t"}) {
    const auto done = apply(bench, with_label(label));
    REQUIRE(!done);
    CHECK(done.error().is(Errc::request_invalid));
    CHECK(contains(done.error().detail, "label"));
  }
  CHECK(bench.writes() == 0);
}

TEST_CASE("a CT code that no firmware takes is refused before, one that this firmware refuses is cleared up after") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  const auto unknown = apply(bench, with_ct(0, 9));
  REQUIRE(!unknown);
  CHECK(unknown.error().is(Errc::request_invalid));
  const auto uncharacterised = apply(bench, with_ct(0, 5));
  REQUIRE(!uncharacterised);
  CHECK(contains(uncharacterised.error().detail, "SCT-013-100"));
  CHECK(bench.writes() == 0);

  auto insisting = with_ct(0, 5);
  insisting.allow_uncharacterised = true;
  const auto refused = apply(bench, insisting);
  REQUIRE(!refused);
  CHECK(refused.error().is(Errc::rejected));
  CHECK(contains(refused.error().detail, "REG_ERROR 0xFE"));
  CHECK(contains(refused.error().detail, "nothing is stored"));
  CHECK(contains(refused.error().detail, "rbampctl reset 0x50"));
  CHECK(bench.flash_cycles() == 0);
  bench.clock().advance(400ms);
  const auto facts = describe(bench.link()).value();
  CHECK(facts.state.error == protocol::ErrorCode::ok);
  CHECK(!facts.settings.events.has(protocol::Event::error));
  CHECK(facts.evidence.ct_models[0] == 3);
}

TEST_CASE("firmware that takes an uncharacterised CT may be given it") {
  auto module = module_at(0x50);
  module.quirks.accepts_all_ct_models = true;
  Bench bench{{module}};
  bench.clock().advance(1s);
  auto setup = with_ct(0, 5);
  setup.allow_uncharacterised = true;
  REQUIRE(apply(bench, setup));
  CHECK(describe(bench.link()).value().evidence.ct_models[0] == 5);
}

TEST_CASE("a channel that the variant lacks, and a CT without a class, are refused before anything is written") {
  Bench bench{{module_at(0x51, Variant::ui1), virgin_module()}};
  bench.clock().advance(1s);
  const auto lacking = apply(bench, with_ct(1, 3), 0x51);
  REQUIRE(!lacking);
  CHECK(contains(lacking.error().detail, "no channel 1"));
  const auto classless = apply(bench, with_ct(0, 3), 0x50);
  REQUIRE(!classless);
  CHECK(contains(classless.error().detail, "no sensor class"));
  CHECK(bench.writes(0) == 0);
  CHECK(bench.writes(1) == 0);
}

TEST_CASE("what a reset would lose is booked first, and an error there stops before the reset") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  int calls = 0;
  std::uint32_t resets_before = 99;
  const auto done = apply(bench, with_label("a"), 0x50, [&](const ModuleLink& module) -> Result<void> {
    ++calls;
    CHECK(module.address() == I2cAddress{0x50});
    resets_before = bench.commands(Command::reset);
    return {};
  });
  REQUIRE(done);
  CHECK(calls == 1);
  CHECK(resets_before == 0);
  const auto refused = apply(bench, with_label("b"), 0x50, [](const ModuleLink&) -> Result<void> {
    return failure(Errc::ledger_busy, Remedy::wait, "the ledger is busy");
  });
  REQUIRE(!refused);
  CHECK(contains(refused.error().detail, "the ledger is busy"));
  CHECK(contains(refused.error().detail, "rbampctl reset 0x50"));
  CHECK(bench.commands(Command::reset) == 1);
}

TEST_CASE("settings that a reset clears are put back after it") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  const auto module = bench.link();
  REQUIRE(module.write({protocol::reg::thresh_i_hi + 1, 0x0B}, "x"));
  REQUIRE(module.write({protocol::reg::thresh_i_hi, 0xB8}, "x"));
  REQUIRE(module.write({protocol::reg::digest_config, 0x05}, "x"));
  REQUIRE(module.write({protocol::reg::event_mask, 0x06}, "x"));
  REQUIRE(apply(bench, with_label("kept")));
  const auto facts = describe(bench.link()).value();
  CHECK(facts.settings.threshold_current == Amperes{30.0});
  CHECK(!facts.settings.threshold_power);
  CHECK(facts.settings.digest.raw() == 0x05);
  CHECK(facts.settings.event_mask.raw() == 0x06);
  CHECK(facts.settings.events.has(protocol::Event::reset_occurred));  // not ours to clear
  CHECK(!facts.settings.events.has(protocol::Event::config_changed));
}

TEST_CASE("everything works on a bus that loses every tenth acknowledge, with one flash cycle") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    auto settings = world_of({module_at(0x50)});
    settings.seed = seed;
    settings.faults.push_back(fault_with(FaultKind::nack_address, 0.1));
    Bench bench{settings};
    bench.clock().advance(1s);
    INFO(seed);
    const auto done = apply(bench, with_label("noisy"));
    if (!done) FAIL_CHECK(done.error().detail);
    CHECK(bench.flash_cycles() == 1);
  }
}

TEST_CASE("a SAVE whose acknowledge was lost is not sent again, one that never arrived is") {
  SECTION("lost acknowledge") {
    Bench bench{{module_at(0x50)}};
    bench.clock().advance(1s);
    bench.disturb(Command::save_user_config, Intervention::lose_ack);
    REQUIRE(apply(bench, with_label("one")));
    CHECK(bench.flash_cycles() == 1);
  }
  SECTION("not acknowledged") {
    Bench bench{{module_at(0x50)}};
    bench.clock().advance(1s);
    bench.disturb(Command::save_user_config, Intervention::nack_address);
    REQUIRE(apply(bench, with_label("two")));
    CHECK(bench.flash_cycles() == 1);
  }
  SECTION("never acknowledged") {
    Bench bench{{module_at(0x50)}};
    bench.clock().advance(1s);
    bench.disturb(Command::save_user_config, Intervention::nack_address, 1000);
    const auto done = apply(bench, with_label("three"));
    REQUIRE(!done);
    CHECK(contains(done.error().detail, "nothing was stored"));
    CHECK(bench.flash_cycles() == 0);
    CHECK(bench.commands(Command::save_user_config) == 0);
  }
}

TEST_CASE("a SAVE that was acknowledged but lost on the way is noticed by the reset") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  bench.disturb(Command::save_user_config, Intervention::lose_write, 1);
  const auto done = apply(bench, with_label("gone"));
  REQUIRE(!done);
  CHECK(contains(done.error().detail, "does not have what was written"));
  CHECK(contains(done.error().detail, "Try again"));
  CHECK(label_of(bench).empty());
}

TEST_CASE("a reset that does not arrive is noticed and repeated, one whose acknowledge is missing is not") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  bench.disturb(Command::reset, Intervention::nack_address, 2);
  REQUIRE(apply(bench, with_label("third")));
  CHECK(bench.commands(Command::reset) == 1);
  CHECK(bench.world().state(0).boots == 2);
  bench.disturb(Command::reset, Intervention::lose_ack);
  bench.clock().advance(10s);
  REQUIRE(apply(bench, with_label("once")));
  CHECK(bench.world().state(0).boots == 3);
  bench.disturb(Command::reset, Intervention::nack_address, 1000);
  bench.clock().advance(10s);
  const auto deaf = apply(bench, with_label("deaf"));
  REQUIRE(!deaf);
  CHECK(contains(deaf.error().detail, "does not take the reset"));
}

TEST_CASE("a supply that fails while settings are stored is told with where the module is and how to go on") {
  SECTION("a module that has an address of its own comes back at 0x50") {
    Bench bench{{module_at(0x51)}};
    bench.clock().advance(1s);
    bench.cut_supply_after(Command::save_user_config, 50ms);
    const auto done = apply(bench, with_label("torn"), 0x51);
    REQUIRE(!done);
    CHECK(contains(done.error().detail, "at 0x50 with factory defaults"));
    CHECK(contains(done.error().detail, "rbampctl provision 0x50"));
  }
  SECTION("a module at 0x50 says so itself") {
    Bench bench{{module_at(0x50)}};
    bench.clock().advance(1s);
    bench.cut_supply_after(Command::save_user_config, 50ms);
    const auto done = apply(bench, with_label("torn"));
    REQUIRE(!done);
    CHECK(contains(done.error().detail, "REG_ERROR 0xFB"));
    CHECK(done.error().detail.ends_with("It has factory defaults now: set it up again with rbampctl provision 0x50"));
  }
  SECTION("a module without supply is not there") {
    Bench bench{{module_at(0x51)}};
    bench.clock().advance(1s);
    bench.cut_supply_after(Command::save_user_config, 1h);
    const auto done = apply(bench, with_label("torn"), 0x51);
    REQUIRE(!done);
    CHECK(contains(done.error().detail, "does not answer any more"));
    CHECK(contains(done.error().detail, "check its supply"));
    CHECK_FALSE(contains(done.error().detail, "in its RAM"));
  }
}
