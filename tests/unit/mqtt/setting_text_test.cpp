#include "mqtt/setting_text.hpp"

#include "house.hpp"
#include "mqtt/state_payload.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

namespace {

std::string refusal(const metering::ModuleDescription& module, const std::string& name, const std::string& text) {
  const auto order = parse_setting(module, name, text);
  return order ? std::string{} : order.error().detail;
}

bool says(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a threshold is a plain number in the range of the register, and 0 switches it off") {
  const auto sixteen = parse_setting(workshop(), "over_current", "16.5");
  REQUIRE(sixteen);
  CHECK(sixteen->module_id == "workshop");
  CHECK(std::get<metering::CurrentThreshold>(sixteen->wish).value == Amperes{16.5});
  CHECK(std::get<metering::CurrentThreshold>(parse_setting(workshop(), "over_current", "655.34")->wish).value == Amperes{655.34});
  CHECK_FALSE(std::get<metering::CurrentThreshold>(parse_setting(workshop(), "over_current", "0")->wish).value);
  CHECK_FALSE(std::get<metering::CurrentThreshold>(parse_setting(workshop(), "over_current", "0.0")->wish).value);
  CHECK(std::get<metering::PowerThreshold>(parse_setting(workshop(), "over_power", "3600")->wish).value == Watts{3600.0});
}

TEST_CASE("a threshold has the steps of the register, and one that is less than a step is neither active nor off") {
  const auto amperes = [](const char* text) {
    return std::get<metering::CurrentThreshold>(parse_setting(workshop(), "over_current", text)->wish).value;
  };
  const auto watts = [](const char* text) {
    return std::get<metering::PowerThreshold>(parse_setting(workshop(), "over_power", text)->wish).value;
  };
  CHECK(amperes("0.01") == Amperes{0.01});
  CHECK(amperes("0.005") == Amperes{0.01});
  CHECK(amperes("16.054") == Amperes{16.05});
  CHECK(watts("1") == Watts{1.0});
  CHECK(watts("0.5") == Watts{1.0});
  CHECK(watts("99.6") == Watts{100.0});
  CHECK_FALSE(watts("0.0"));
  CHECK(says(refusal(workshop(), "over_current", "0.004"), "less than the smallest threshold, 0.01 A; 0 is off"));
  CHECK(says(refusal(workshop(), "over_power", "0.4"), "less than the smallest threshold, 1 W; 0 is off"));
}

TEST_CASE("what is no such number is refused, and not repeated") {
  for (const auto* text : {"", " ", "16 A", "-1", "+1", "1e2", "inf", "nan", "1,5", "0x10", "655.35", "999999999999999999999",
                           "1.2.3", "16\n", "None", "unknown-secret"}) {
    CAPTURE(text);
    CHECK(says(refusal(workshop(), "over_current", text), "is not a number from 0 (off) to 655.34 A"));
    CHECK_FALSE(says(refusal(workshop(), "over_current", text), "secret"));
  }
  CHECK(says(refusal(workshop(), "over_power", "65535"), "to 65534 W"));
}

TEST_CASE("a current transformer is one of the module's choice, by input") {
  const auto order = parse_setting(workshop(), "ct1", "SCT-013-030");
  REQUIRE(order);
  CHECK(std::get<metering::CtModel>(order->wish).input == ChannelIndex{1});
  CHECK(std::get<metering::CtModel>(order->wish).name == "SCT-013-030");
  CHECK(says(refusal(workshop(), "ct1", "SCT-013-100"), "none of the current transformers"));
  CHECK(says(refusal(workshop(), "ct1", "sct-013-030"), "none of the current transformers"));
  CHECK(says(refusal(workshop(), "ct2", "SCT-013-030"), "no such setting"));
  auto built_in = workshop();
  built_in.ct_models.clear();
  CHECK(says(refusal(built_in, "ct0", "SCT-013-030"), "built in"));
}

TEST_CASE("a module has only the settings of its hardware") {
  CHECK(says(refusal(module_of("I1", "sub", "Sub"), "over_power", "100"), "no such setting"));
  CHECK(says(refusal(workshop(), "label", "x"), "no such setting"));
  CHECK(parse_setting(module_of("I1", "sub", "Sub"), "over_current", "10"));
}

TEST_CASE("the settings of a module are told with every key") {
  auto settings = workshop_settings();
  settings.power_threshold = Watts{3600.0};
  CHECK(settings_payload(workshop(), settings) ==
        R"({"over_current":16.00,"over_power":3600,"ct0":"SCT-013-030","ct1":"SCT-013-010"})");
  CHECK(settings_payload(workshop(), {"workshop", {}, {}, {"SCT-013-100", "", ""}}) ==
        R"({"over_current":0.00,"over_power":0,"ct0":null,"ct1":null})");
  CHECK(settings_payload(module_of("I1", "sub", "Sub"), {"sub", Amperes{10.0}, {}, {"SCT-013-005", "", ""}}) ==
        R"({"over_current":10.00,"over_power":null,"ct0":"SCT-013-005"})");
}
