#include "dbus/control.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

using Kind = metering::RegisterChange::Kind;
constexpr MicroWattHours one_wh{1'000'000};

MeterChangeRequest takeover(std::string channel) {
  MeterChangeRequest request;
  request.place = "flats";
  request.channel = std::move(channel);
  request.energy_import = one_wh;
  request.reason = "utility's meter";
  return request;
}

TEST_CASE("an adjustment moves a register by its amount, and leaves the other one alone") {
  const AdjustRequest request{"flats", "ground", MicroWattHours{-5}, {}, "wrong cable"};
  const auto correction = request.as_correction();
  CHECK(correction.reason == metering::Reason::correction);
  CHECK(correction.note == "wrong cable");
  REQUIRE(correction.channels.size() == 1);
  CHECK(correction.channels[0].channel_id == "ground");
  REQUIRE(correction.channels[0].energy_import);
  CHECK(correction.channels[0].energy_import->kind == Kind::by);
  CHECK(correction.channels[0].energy_import->amount == MicroWattHours{-5});
  CHECK_FALSE(correction.channels[0].energy_export);
}

TEST_CASE("a reading that is taken over sets the register of the channel that is named") {
  const std::vector<std::string> channels{"ground", "first"};
  const auto correction = takeover("first").as_correction(channels);
  REQUIRE(correction);
  CHECK(correction->reason == metering::Reason::meter_takeover);
  REQUIRE(correction->channels.size() == 1);
  CHECK(correction->channels[0].channel_id == "first");
  CHECK(correction->channels[0].energy_import->kind == Kind::to);
  CHECK(correction->channels[0].energy_import->amount == one_wh);
}

TEST_CASE("a reading without a channel is that of the only one, and is refused where there are several") {
  const std::vector<std::string> one{"ground"};
  const std::vector<std::string> two{"ground", "first"};
  const auto correction = takeover("").as_correction(one);
  REQUIRE(correction);
  CHECK(correction->channels[0].channel_id == "ground");
  const auto refused = takeover("").as_correction(two);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::request_invalid));
}

TEST_CASE("another chip concerns every channel and leaves the registers as they are") {
  MeterChangeRequest request;
  request.place = "flats";
  request.new_chip = ModuleUid::parse("3a0041000f51353032363437");
  request.reason = "lightning";
  const std::vector<std::string> two{"ground", "first"};
  const auto correction = request.as_correction(two);
  REQUIRE(correction);
  CHECK(correction->reason == metering::Reason::meter_changed);
  REQUIRE(correction->channels.size() == 2);
  CHECK_FALSE(correction->channels[1].energy_import);
  CHECK_FALSE(correction->channels[1].energy_export);
}

TEST_CASE("the words of health go both ways") {
  for (const auto health : {Health::healthy, Health::degraded, Health::failed}) CHECK(health_from(to_string(health)) == health);
  CHECK_FALSE(health_from("unknown"));
}

}  // namespace
}  // namespace rbamp::dbus
