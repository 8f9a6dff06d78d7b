#include "commissioning/doctor.hpp"

#include "bench.hpp"
#include "commissioning/chip_clock.hpp"
#include "commissioning/link_quality.hpp"
#include "commissioning/trial_period.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;
using protocol::Command;

namespace {

Findings examined(Bench& bench, const DoctorOrder& order = {}) {
  auto findings = examine(bench.station(), order, {});
  if (!findings) FAIL(findings.error().detail);
  return *findings;
}

/// The worst that a check found, about that module or the bus; nothing when it found nothing.
std::optional<Finding> worst(const Findings& findings, const std::string& check, std::optional<std::uint8_t> module = 0x51) {
  std::optional<Finding> worst;
  for (const auto& one : findings) {
    const bool is_it = module ? one.module == I2cAddress{*module} : !one.module;
    if (one.check == check && is_it && (!worst || one.severity > worst->severity)) worst = one;
  }
  return worst;
}

Severity severity_of(const Findings& findings, const std::string& check, std::optional<std::uint8_t> module = 0x51) {
  const auto found = worst(findings, check, module);
  if (!found) FAIL("nothing found about " + check);
  return found->severity;
}

WorldSettings world_with(ModuleSettings module) {
  auto settings = world_of({std::move(module)});
  settings.buses = {{.name = "main", .speed_hz = 50'000}};
  return settings;
}

}  // namespace

TEST_CASE("a healthy module on a healthy bus gives nothing but ok, and nothing is written") {
  Bench bench{world_with(module_at(0x51))};
  bench.clock().advance(1s);
  const auto findings = examined(bench);
  for (const auto& one : findings) {
    INFO(one.check << ": " << one.text << ". " << one.advice);
    CHECK(one.severity == Severity::ok);
  }
  for (const std::string check : {"error", "burst", "link", "clock", "address", "voltage", "clamp"})
    CHECK(worst(findings, check));
  CHECK(worst(findings, "speed", std::nullopt));
  CHECK(bench.writes() == 0);
}

TEST_CASE("the speed of the bus is measured and judged") {
  const auto speed_at = [](std::uint32_t hertz) {
    auto settings = world_of({module_at(0x51)});
    settings.buses = {{.name = "main", .speed_hz = hertz}};
    Bench bench{settings};
    bench.clock().advance(1s);
    return measure_speed(bench.link(0x51)).value();
  };
  CHECK(speed_at(50'000) == Approx(50'000).epsilon(0.03));
  CHECK(speed_at(400'000) == Approx(400'000).epsilon(0.03));
  CHECK(judge_speed(speed_at(50'000)).severity == Severity::ok);
  CHECK(judge_speed(speed_at(100'000)).severity == Severity::hint);
  CHECK(judge_speed(speed_at(400'000)).severity == Severity::problem);
}

TEST_CASE("failed reads are counted, and weighed by how many there are") {
  auto settings = world_with(module_at(0x51));
  settings.faults.push_back(fault_with(FaultKind::nack_address, 0.2));
  Bench bench{settings};
  bench.clock().advance(1s);
  const auto quality = measure_quality(bench.link(0x51), 1000).value();
  CHECK(quality.reads == 1000);
  CHECK(quality.failure_rate() == Approx(0.2).epsilon(0.2));
  CHECK(judge_quality(quality, I2cAddress{0x51}).severity == Severity::problem);
  CHECK(judge_quality({1000, 20, 0, 0, 0}, I2cAddress{0x51}).severity == Severity::warning);
  CHECK(judge_quality({1000, 5, 0, 0, 0}, I2cAddress{0x51}).severity == Severity::hint);
  CHECK(judge_quality({1000, 0, 0, 0, 0}, I2cAddress{0x51}).severity == Severity::ok);
  CHECK(judge_quality({1000, 0, 0, 0, 1}, I2cAddress{0x51}).severity == Severity::problem);
}

TEST_CASE("the chip's clock is measured from its uptime") {
  auto module = module_at(0x51);
  module.quirks.uptime_runs_on_chip_clock = true;
  Bench bench{world_with(module)};
  bench.clock().advance(1s);
  const auto ratio = measure_chip_clock(bench.link(0x51)).value();
  CHECK(ratio == Approx(0.735).epsilon(0.02));
  CHECK(judge_chip_clock(ratio, I2cAddress{0x51}).severity == Severity::ok);
  CHECK(judge_chip_clock(0.5, I2cAddress{0x51}).severity == Severity::warning);
}

TEST_CASE("errors, missing settings, watchdog resets and clamps the wrong way round are found") {
  SECTION("virgin") {
    Bench bench{world_with(virgin_module())};
    bench.clock().advance(1s);
    const auto findings = examined(bench);
    CHECK(severity_of(findings, "error", 0x50) == Severity::problem);
    CHECK(contains(worst(findings, "transformer", 0x50)->advice, "rbampctl provision 0x50"));
  }
  SECTION("linearisation damaged, after a watchdog reset") {
    auto settings = world_with(module_at(0x51));
    settings.faults.push_back(fault(FaultKind::error_state));
    settings.faults.back().code = 0xFA;
    settings.faults.push_back(fault(FaultKind::watchdog_reset, 1s));
    Bench bench{settings};
    bench.clock().advance(20s);
    const auto findings = examined(bench);
    CHECK(severity_of(findings, "error") == Severity::problem);
    CHECK(severity_of(findings, "reset") == Severity::warning);
  }
  SECTION("clamp") {
    auto module = module_at(0x51);
    module.channels[0].reversed = true;
    Bench bench{world_with(module)};
    bench.clock().advance(1s);
    DoctorOrder order;
    order.configured.push_back({"boiler", "main", I2cAddress{0x51}, "", metering::Role::load, {}, {}});
    CHECK(severity_of(examined(bench, order), "clamp") == Severity::problem);
    order.configured[0].channels.push_back({ChannelIndex{0}, "ch0", "", true});
    CHECK(severity_of(examined(bench, order), "clamp") == Severity::ok);
  }
  SECTION("wrong transformer, with a known load") {
    auto module = module_at(0x51, Variant::ui1, 2000.0);
    module.channels[0].clamp_model = 4;  // 50 A where 30 A is set
    Bench bench{world_with(module)};
    bench.clock().advance(1s);
    DoctorOrder order;
    order.load = Watts{2000.0};
    CHECK(contains(worst(examined(bench, order), "transformer")->advice, "SCT-013-050"));
  }
}

TEST_CASE("what the configuration expects is compared with what is there") {
  Bench bench{world_with(module_at(0x51))};
  bench.clock().advance(1s);
  DoctorOrder order;
  order.configured.push_back({"boiler", "main", I2cAddress{0x51}, "", metering::Role::load, ModuleUid{{1, 2, 3}}, {}});
  order.configured.push_back({"gone", "main", I2cAddress{0x60}, "", metering::Role::load, {}, {}});
  const auto findings = examined(bench, order);
  CHECK(contains(worst(findings, "identity")->text, "the configuration pins"));
  CHECK(contains(worst(findings, "scan", 0x60)->text, "has \"gone\""));
}

TEST_CASE("two modules on one address, and one UID on two, are problems") {
  SECTION("one address") {
    auto a = module_at(0x51);
    auto b = module_at(0x51);
    a.uptime = 100s;
    b.uptime = 1234s;
    Bench bench{{a, b}};
    bench.clock().advance(1s);
    const auto findings = examined(bench);
    CHECK((severity_of(findings, "address") == Severity::problem || severity_of(findings, "clock") == Severity::problem));
  }
  SECTION("one UID") {
    auto a = module_at(0x51);
    auto b = module_at(0x52);
    a.uid = ModuleUid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
    b.uid = a.uid;
    Bench bench{{a, b}};
    bench.clock().advance(1s);
    CHECK(severity_of(examined(bench), "identity", 0x52) == Severity::problem);
  }
}

TEST_CASE("with permission to write, wave forms and the latch for all are tried") {
  auto deaf = module_at(0x52);
  auto hearing = module_at(0x51);
  hearing.broadcast = true;
  auto missing = module_at(0x53);
  missing.broadcast = true;
  auto settings = world_of({hearing, deaf, missing});
  settings.faults.push_back(fault(FaultKind::miss_broadcast));
  settings.faults.back().module = I2cAddress{0x53};
  Bench bench{settings};
  bench.clock().advance(1s);
  DoctorOrder order;
  order.may_write = true;
  SECTION("but not while a ledger meters them") {
    const auto findings = examined(bench, order);
    CHECK(severity_of(findings, "wave") == Severity::ok);
    CHECK(!worst(findings, "broadcast"));
    CHECK(bench.world().counters(0).latches_requested == 0);
  }
  SECTION("all of it") {
    order.may_latch = true;
    const auto findings = examined(bench, order);
    CHECK(severity_of(findings, "broadcast") == Severity::ok);
    CHECK(severity_of(findings, "broadcast", 0x52) == Severity::hint);
    CHECK(severity_of(findings, "broadcast", 0x53) == Severity::problem);
    CHECK(bench.world().counters(0).latches_requested == 1);
  }
}

TEST_CASE("a trial period shows what would be booked") {
  Bench bench{{module_at(0x51, Variant::ui1, 1200.0)}};
  bench.clock().advance(10s);
  const auto trial = try_period(bench.link(0x51), 30s);
  if (!trial) FAIL(trial.error().detail);
  CHECK(trial->length >= 30s);
  CHECK(trial->length < 31s);
  CHECK(trial->energy_import[0]->value() == Approx(10.0).epsilon(0.01));
  CHECK(!trial->energy_import[1]);
  CHECK(trial->chip_ratio == Approx(0.735).epsilon(0.01));
  CHECK(bench.commands(Command::latch_period) == 2);
}

TEST_CASE("a module without voltage, and one that closes no period, have no trial") {
  Bench bench{{module_at(0x51, Variant::i1)}};
  bench.clock().advance(1s);
  const auto none = try_period(bench.link(0x51), 1s);
  REQUIRE(!none);
  CHECK(none.error().is(Errc::request_invalid));
  CHECK(contains(none.error().detail, "is of variant I1 without a voltage input: it measures no power"));
  CHECK(bench.writes() == 0);

  auto settings = world_of({module_at(0x51)});
  settings.faults.push_back(fault(FaultKind::empty_latch));
  Bench empty{settings};
  empty.clock().advance(1s);
  const auto never = try_period(empty.link(0x51), 1s);
  REQUIRE(!never);
  CHECK(never.error().is(Errc::not_ready));
}

TEST_CASE("pull-ups are advised by the number of modules") {
  CHECK(contains(advise_pull_ups(1).advice, "Keep"));
  CHECK(contains(advise_pull_ups(2).advice, "one of them"));
  CHECK(contains(advise_pull_ups(5).advice, "2.2 to 2.7"));
  CHECK(contains(advise_pull_ups(16).advice, "1.5 to 2.2"));
}
