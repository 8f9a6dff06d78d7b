#include "dbus/request.hpp"

#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

constexpr std::int64_t too_much = 200'000'000'000'000'001;

/// The words of a refusal; empty: it was accepted, or refused with another code.
template <class T>
std::string refusal(const Result<T>& result) {
  return result || !result.error().is(Errc::request_invalid) ? std::string{} : result.error().detail;
}

bool says(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

TEST_CASE("an id has the letters of a configuration, and at most 64 of them") {
  CHECK(checked_id("the module", "pv-roof_2") == "pv-roof_2");
  CHECK(checked_id("the module", std::string(64, 'a')));
  CHECK(says(refusal(checked_id("the module", std::string(65, 'a'))), "more than 64 characters"));
  CHECK(says(refusal(checked_id("the module", "")), "the module must not be empty"));
  CHECK(says(refusal(checked_id("the module", "Mains")), "a-z"));
  CHECK(says(refusal(checked_id("the module", "../etc")), "a-z"));
  CHECK(says(refusal(checked_id("the module", "m\xC3\xA4ins")), "a-z"));
}

TEST_CASE("an adoption names a module, a node, and pairs that can stand in topics") {
  const auto good = checked_adoption("mains", "Old-Meter_1", {{"house_power", "p"}, {"house_current", ""}}, true);
  REQUIRE(good);
  CHECK(good->node == "Old-Meter_1");
  CHECK(good->pairs.size() == 2);
  CHECK(good->is_trial);
  CHECK(says(refusal(checked_adoption("Mains", "x", {}, true)), "a-z"));
  for (const auto* node : {"", "a/b", "#", "+", "old meter"})
    CHECK(says(refusal(checked_adoption("mains", node, {}, true)), "node id"));
  CHECK(says(refusal(checked_adoption("mains", std::string(129, 'a'), {}, true)), "node id"));
  CHECK(says(refusal(checked_adoption("mains", "x", {{"a/b", "p"}}, true)), "a pair is"));
  CHECK(says(refusal(checked_adoption("mains", "x", {{"a", "+"}}, true)), "a pair is"));
}

TEST_CASE("an adjustment has amounts that a register can hold, and a reason") {
  const auto good = checked_adjustment("flats", "ground", -5, 7, "wrong cable");
  REQUIRE(good);
  CHECK(good->place == "flats");
  CHECK(good->channel == "ground");
  CHECK(good->energy_import == MicroWattHours{-5});
  CHECK(good->energy_export == MicroWattHours{7});
  CHECK(good->reason == "wrong cable");
  CHECK(says(refusal(checked_adjustment("flats", "ground", 0, 0, "why")), "both amounts are 0"));
  CHECK(says(refusal(checked_adjustment("flats", "ground", too_much, 0, "why")), "more than a register holds"));
  CHECK(says(refusal(checked_adjustment("flats", "ground", 0, -too_much, "why")), "export register"));
  CHECK(says(refusal(checked_adjustment("flats", "ground", INT64_MIN, INT64_MAX, "why")), "is the unit right"));
  CHECK(says(refusal(checked_adjustment("flats", "ground", 1, 0, "")), "reason in words"));
  CHECK(says(refusal(checked_adjustment("flats", "ground", 1, 0, std::string(501, 'x'))), "longer than 500 bytes"));
  CHECK(says(refusal(checked_adjustment("Flats", "ground", 1, 0, "why")), "the module"));
  CHECK(says(refusal(checked_adjustment("flats", "", 1, 0, "why")), "the channel must not be empty"));
}

TEST_CASE("a meter change names what changed, with values of the right type") {
  const Dictionary all{{"Channel", sdbus::Variant{std::string{"house"}}},
                       {"ImportUwh", sdbus::Variant{std::int64_t{48'213'700'000'000}}},
                       {"ExportUwh", sdbus::Variant{std::int64_t{0}}},
                       {"NewUid", sdbus::Variant{std::string{"3a0041000f51353032363437"}}}};
  const auto good = checked_meter_change("mains", all, "take-over");
  REQUIRE(good);
  CHECK(good->channel == "house");
  CHECK(good->energy_import == MicroWattHours{48'213'700'000'000});
  CHECK(good->energy_export == MicroWattHours{0});
  REQUIRE(good->new_chip);
  CHECK(to_string(*good->new_chip) == "3a0041000f51353032363437");

  const auto refused = [](const std::string& key, const sdbus::Variant& value) {
    return refusal(checked_meter_change("mains", {{key, value}}, "why"));
  };
  CHECK(says(refusal(checked_meter_change("mains", {}, "why")), "say what changed"));
  CHECK(says(refused("Channel", sdbus::Variant{std::string{"house"}}), "say what changed"));
  CHECK(says(refused("ImportWh", sdbus::Variant{std::int64_t{1}}), "\"ImportWh\" is no key"));
  CHECK(says(refused("ImportUwh", sdbus::Variant{1.5}), "must be x"));
  CHECK(says(refused("ImportUwh", sdbus::Variant{std::int64_t{-1}}), "less than 0"));
  CHECK(says(refused("ExportUwh", sdbus::Variant{too_much}), "more than a register holds"));
  CHECK(says(refused("NewUid", sdbus::Variant{std::string{"3a00"}}), "24 hexadecimal digits"));
  CHECK(says(refused("NewUid", sdbus::Variant{std::uint64_t{3}}), "must be s"));
  CHECK(says(refused("Channel", sdbus::Variant{std::string{"no such"}}), "a-z"));
  CHECK(says(refusal(checked_meter_change("mains", all, "")), "reason in words"));
}

TEST_CASE("a transfer goes to an address that a module can have, and fits into 255 bytes") {
  const auto read = checked_transfer(0x50, {0x5C}, 255);
  REQUIRE(read);
  CHECK(read->address == I2cAddress{0x50});
  CHECK(read->read_length == 255);
  CHECK(checked_transfer(0x77, std::vector<std::uint8_t>(255, 1), 0));
  CHECK(checked_transfer(0x00, {0x27}, 0));  // whether a general call may be sent is for the daemon to say
  CHECK(says(refusal(checked_transfer(0x07, {1}, 0)), "0x08 to 0x77"));
  CHECK(says(refusal(checked_transfer(0x78, {1}, 0)), "0x08 to 0x77"));
  CHECK(says(refusal(checked_transfer(0xFF, {1}, 0)), "0xff"));
  CHECK(says(refusal(checked_transfer(0x50, {}, 2)), "nothing to write"));
  CHECK(says(refusal(checked_transfer(0x50, std::vector<std::uint8_t>(256, 1), 0)), "255 bytes in one write"));
  CHECK(says(refusal(checked_transfer(0x50, {1}, 256)), "255 bytes in one read"));
  CHECK(says(refusal(checked_transfer(0x50, {1}, UINT32_MAX)), "255 bytes in one read"));
  CHECK(says(refusal(checked_transfer(0x50, {1, 2}, 1)), "one byte, the register"));
}

}  // namespace
}  // namespace rbamp::dbus
