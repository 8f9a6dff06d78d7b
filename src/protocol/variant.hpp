// Which rbAmp it is: product variant and firmware tier. Protocol 1.2, 1.3, 4.7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rbamp::protocol {

/// HW_VARIANT 0x55. UI: with a voltage input; the digit is the number of current channels.
enum class Variant : std::uint8_t { ui1 = 1, ui2 = 2, ui3 = 3, i1 = 4, i2 = 5, i3 = 6 };

[[nodiscard]] constexpr std::optional<Variant> variant_of(std::uint8_t code) {
  if (code < 1 || code > 6) return std::nullopt;
  return static_cast<Variant>(code);
}
[[nodiscard]] constexpr bool has_voltage(Variant variant) { return static_cast<std::uint8_t>(variant) <= 3; }
[[nodiscard]] constexpr std::size_t channel_count(Variant variant) { return (static_cast<std::size_t>(variant) - 1) % 3 + 1; }
/// "UI1"
[[nodiscard]] constexpr std::string_view to_string(Variant variant) {
  switch (variant) {
    case Variant::ui1: return "UI1";
    case Variant::ui2: return "UI2";
    case Variant::ui3: return "UI3";
    case Variant::i1: return "I1";
    case Variant::i2: return "I2";
    case Variant::i3: return "I3";
  }
  return "unknown";
}

/// FW_TIER 0x56. BASIC clamps export away in its period means; a bidirectional one keeps two accumulators (1.3, D37).
class FirmwareTier {
 public:
  enum class Name : std::uint8_t { basic = 0, standard = 1, pro = 2, unknown = 3 };

  constexpr FirmwareTier() = default;
  constexpr explicit FirmwareTier(std::uint8_t raw) : raw_(raw) {}
  [[nodiscard]] constexpr Name name() const { return static_cast<Name>(raw_ & 0x03U); }
  [[nodiscard]] constexpr bool is_bidirectional() const { return (raw_ & 0x04U) != 0; }
  [[nodiscard]] constexpr bool is_lut_calibrated() const { return (raw_ & 0x08U) != 0; }
  [[nodiscard]] constexpr std::uint8_t raw() const { return raw_; }
  constexpr bool operator==(const FirmwareTier&) const = default;

 private:
  std::uint8_t raw_ = 0;
};

[[nodiscard]] constexpr std::string_view to_string(FirmwareTier::Name name) {
  switch (name) {
    case FirmwareTier::Name::basic: return "BASIC";
    case FirmwareTier::Name::standard: return "STANDARD";
    case FirmwareTier::Name::pro: return "PRO";
    case FirmwareTier::Name::unknown: break;
  }
  return "unknown";
}

/// "v1.3" for VERSION 0x04; "unknown" for what is no published firmware.
[[nodiscard]] constexpr std::string_view firmware_name(std::uint8_t version) {
  switch (version) {
    case 0x01: return "v1.0";
    case 0x02: return "v1.1";
    case 0x03: return "v1.2";
    case 0x04: return "v1.3";
    default: return "unknown";
  }
}

}  // namespace rbamp::protocol
