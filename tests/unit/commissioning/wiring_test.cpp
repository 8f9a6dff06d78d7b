#include "commissioning/wiring.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;

namespace {

constexpr I2cAddress here{0x51};

/// A UI1 at 230 V with this current and power.
LiveValues values_of(double amperes, double watts, double factor) {
  LiveValues values;
  values.block.voltage = Volts{230.0};
  values.frequency = Hertz{50.0};
  values.block.channels[0].current = Amperes{amperes};
  values.block.channels[0].active_power = Watts{watts};
  values.block.channels[0].power_factor = PowerFactor{factor};
  return values;
}

WiringContext context_with(std::uint8_t ct_model, std::optional<metering::Role> role = {}) {
  WiringContext context;
  context.ct_models[0] = ct_model;
  context.role = role;
  return context;
}

/// The finding of that check; fails when there is none.
Finding finding(const Findings& findings, const std::string& check) {
  for (const auto& one : findings) {
    if (one.check == check) return one;
  }
  FAIL("no finding about " + check);
  return {};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr std::uint8_t ct_30a = 3;

}  // namespace

TEST_CASE("a clamp that shows import is right, one that shows export on a load is the wrong way round") {
  CHECK(finding(check_wiring(here, values_of(5, 1150, 1.0), context_with(ct_30a)), "clamp").severity == Severity::ok);
  const auto reversed =
      finding(check_wiring(here, values_of(5, -1150, -1.0), context_with(ct_30a, metering::Role::load)), "clamp");
  CHECK(reversed.severity == Severity::problem);
  CHECK(contains(reversed.advice, "turn the clamp"));
  for (const auto role : {metering::Role::grid, metering::Role::solar, metering::Role::battery})
    CHECK(finding(check_wiring(here, values_of(5, -1150, -1.0), context_with(ct_30a, role)), "clamp").severity == Severity::hint);
  CHECK(finding(check_wiring(here, values_of(5, -1150, -1.0), context_with(ct_30a)), "clamp").severity == Severity::hint);
}

TEST_CASE("a channel that the configuration turns round is judged by what it shows then") {
  auto context = context_with(ct_30a, metering::Role::load);
  context.inverted[0] = true;
  CHECK(finding(check_wiring(here, values_of(5, -1150, -1.0), context), "clamp").severity == Severity::ok);
  const auto twice = finding(check_wiring(here, values_of(5, 1150, 1.0), context), "clamp");
  CHECK(twice.severity == Severity::problem);
  CHECK(contains(twice.advice, "remove invert = true"));
}

TEST_CASE("no current, no direction, no voltage: each is named") {
  CHECK(finding(check_wiring(here, values_of(0, 0, 0), context_with(ct_30a)), "current").severity == Severity::hint);
  CHECK(finding(check_wiring(here, values_of(0.05, 8, 0.7), context_with(ct_30a)), "clamp").severity == Severity::hint);
  auto dead = values_of(0, 0, 0);
  dead.block.voltage = Volts{0.0};
  dead.frequency.reset();
  CHECK(finding(check_wiring(here, dead, context_with(ct_30a)), "voltage").severity == Severity::problem);
  dead.block.voltage.reset();
  CHECK(finding(check_wiring(here, dead, context_with(ct_30a)), "voltage").severity == Severity::problem);
  auto low = values_of(5, 200, 1.0);
  low.block.voltage = Volts{41.0};
  CHECK(finding(check_wiring(here, low, context_with(ct_30a)), "voltage").severity == Severity::warning);
}

TEST_CASE("a transformer that carries more than its rating is a problem, one that is nearly full a hint") {
  CHECK(finding(check_wiring(here, values_of(31, 7130, 1.0), context_with(ct_30a)), "transformer").severity == Severity::problem);
  CHECK(finding(check_wiring(here, values_of(26, 5980, 1.0), context_with(ct_30a)), "transformer").severity == Severity::hint);
}

TEST_CASE("a low power factor may be another phase, and is one with a resistive load") {
  CHECK(finding(check_wiring(here, values_of(5, 575, 0.5), context_with(ct_30a)), "phase").severity == Severity::hint);
  auto context = context_with(ct_30a);
  context.load = Watts{1150.0};
  const auto wrong = finding(check_wiring(here, values_of(5, 575, 0.5), context), "phase");
  CHECK(wrong.severity == Severity::problem);
  CHECK(contains(wrong.advice, "another phase"));
}

TEST_CASE("a known load tells which transformer is really fitted") {
  auto context = context_with(ct_30a);
  context.load = Watts{2000.0};
  CHECK(finding(check_wiring(here, values_of(8.7, 2001, 1.0), context), "transformer").severity == Severity::ok);
  // A 50 A clamp where 30 A is set shows three fifths.
  const auto fifty = finding(check_wiring(here, values_of(8.7 * 0.6, 1200, 1.0), context), "transformer");
  CHECK(fifty.severity == Severity::problem);
  CHECK(contains(fifty.advice, "rbampctl set ct 0x51 SCT-013-050 --channel 0"));
  const auto gap = finding(check_wiring(here, values_of(8.7 * 0.88, 1760, 1.0), context), "transformer");
  CHECK(gap.severity == Severity::warning);
  CHECK(contains(gap.advice, "not be quite closed"));
  const auto reversed = finding(check_wiring(here, values_of(8.7, -2000, -1.0), context), "clamp");
  CHECK(reversed.severity == Severity::problem);
  // A 10 A clamp where 30 A is set shows three times as much.
  context.load = Watts{1000.0};
  const auto ten = finding(check_wiring(here, values_of(4.35 * 3, 3000, 1.0), context), "transformer");
  CHECK(contains(ten.text, "SCT-013-010"));
}

TEST_CASE("without a voltage input only currents are judged") {
  LiveValues values;
  for (auto& channel : values.block.channels) channel.current = Amperes{2.0};
  WiringContext context;
  context.variant = protocol::Variant::i3;
  context.ct_models = {ct_30a, ct_30a, ct_30a};
  context.load = Watts{2000.0};
  const auto findings = check_wiring(here, values, context);
  REQUIRE(findings.size() == 3);
  for (const auto& one : findings) {
    CHECK(one.check == "current");
    CHECK(one.severity == Severity::ok);
  }
}
