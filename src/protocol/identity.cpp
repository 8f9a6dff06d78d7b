#include "protocol/identity.hpp"

#include <algorithm>

#include "protocol/label.hpp"

namespace rbamp::protocol {
namespace {

constexpr std::uint8_t rbamp_product = 0x01;
constexpr std::uint8_t dimmer_product = 0x02;
constexpr std::uint8_t first_full_version = 0x04;

constexpr std::size_t at(reg::Address address) { return static_cast<std::size_t>(address - identity_start); }

bool is_blank(const ModuleUid& uid) {
  const auto all = [&uid](std::uint8_t value) {
    return std::ranges::all_of(uid.bytes(), [value](auto byte) { return byte == value; });
  };
  return all(0x00) || all(0xFF);
}

std::string hex(std::uint8_t byte) { return to_string(I2cAddress{byte}); }

}  // namespace

std::string_view to_string(ChipKind kind) {
  switch (kind) {
    case ChipKind::rbamp: return "rbamp";
    case ChipKind::legacy: return "legacy";
    case ChipKind::dimmer: return "dimmer";
    case ChipKind::foreign: return "foreign";
    case ChipKind::clone: return "clone";
    case ChipKind::unknown_variant: return "unknown_variant";
    case ChipKind::contradictory: return "contradictory";
  }
  return "unknown";
}

Chip classify(std::uint8_t version, Burst<identity_size> burst) {
  Chip chip;
  chip.version = version;
  chip.product = burst[at(reg::product_id)];
  chip.variant_code = burst[at(reg::hw_variant)];

  if (version == 0x00 || version == 0xFF) return chip;
  if (version < first_full_version) {
    chip.kind = ChipKind::legacy;
    return chip;
  }
  if (chip.product == dimmer_product) {
    chip.kind = ChipKind::dimmer;
    return chip;
  }
  if (chip.product != rbamp_product) return chip;
  const auto variant = variant_of(chip.variant_code);
  if (!variant) {
    // No hardware has variant 0; the AND of two different ones often has.
    chip.kind = chip.variant_code == 0 ? ChipKind::contradictory : ChipKind::unknown_variant;
    return chip;
  }

  ModuleUid::Bytes uid{};
  std::ranges::copy(burst.subspan(at(reg::uid), uid.size()), uid.begin());
  chip.identity = Identity{
      .version = version,
      .variant = *variant,
      .tier = FirmwareTier{burst[at(reg::fw_tier)]},
      .capabilities = Capabilities{load_u16(burst, at(reg::capability))},
      .uid = ModuleUid{uid},
      .label = decode_label(burst.subspan<at(reg::label), reg::label_size>()),
      .gc_tick = load_u16(burst, at(reg::gc_tick)),
  };
  const bool voltage_agrees = chip.identity.capabilities.has(Capability::zc_phase_offset) == has_voltage(*variant);
  chip.kind = voltage_agrees && !is_blank(chip.identity.uid) ? ChipKind::rbamp : ChipKind::contradictory;
  return chip;
}

bool may_be_clone(std::uint8_t version, Burst<identity_size> burst) {
  return version == 0 && std::ranges::all_of(burst, [](auto byte) { return byte == 0; });
}

std::string describe(const Chip& chip) {
  switch (chip.kind) {
    case ChipKind::rbamp:
      return "rbAmp " + std::string{to_string(chip.identity.variant)} + ", firmware " + std::string{firmware_name(chip.version)} +
             ", UID " + to_string(chip.identity.uid);
    case ChipKind::legacy:
      return "perhaps an rbAmp with old firmware (VERSION " + hex(chip.version) +
             "), which cannot prove what it is: nothing is written to it, and it is not metered until its firmware is updated; "
             "rbampctl read ADDRESS --legacy VARIANT shows what it measures";
    case ChipKind::dimmer: return "an rbDimmer, which is left alone";
    case ChipKind::foreign:
      return "not an rbAmp (VERSION " + hex(chip.version) + ", PRODUCT_ID " + hex(chip.product) +
             "): an EEPROM or another chip, or a disturbed bus; it is left alone";
    case ChipKind::clone:
      return "an rbAmp whose identity check failed (REG_ERROR 0xF9): it measures nothing, and no command changes that; take it "
             "out of "
             "service and replace it";
    case ChipKind::unknown_variant:
      return "an rbAmp of an unknown variant (HW_VARIANT " + hex(chip.variant_code) + "): a later version of rbampd may know it";
    case ChipKind::contradictory:
      return "identity bytes that contradict each other: two modules share this address, or the module is damaged; connect one "
             "module at a "
             "time and give each an address of its own";
  }
  return "unknown";
}

Result<Identity> require_rbamp(const Chip& chip) {
  if (chip.kind == ChipKind::rbamp) return chip.identity;
  return failure(Errc::not_rbamp, Remedy::give_up, describe(chip));
}

bool same_identity(Burst<identity_size> a, Burst<identity_size> b) {
  constexpr std::size_t tick = at(reg::gc_tick);
  constexpr std::size_t uid = at(reg::uid);
  return std::ranges::equal(a.first(tick), b.first(tick)) && std::ranges::equal(a.subspan(uid), b.subspan(uid));
}

}  // namespace rbamp::protocol
