// One row of the table `closings`: up to three channels of one closed period side by side. Pure: no database here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "metering/posting.hpp"

namespace rbamp::storage {

inline constexpr std::size_t slots_per_row = 3;

/// The fractions of a micro-watt-hour that rounding left over, of the three slots.
using Remainders = std::array<double, slots_per_row>;

/// Packs three remainders in (-1, 1) into one integer of at most six bytes: balanced digits to the base 65536 in units of
/// 1/32767 micro-watt-hour. Only a restart after a crash reads them back, so the unit (3e-11 Wh) is the error per crash; an
/// orderly stop and the end of each quarter hour store them exactly, in `registers`.
[[nodiscard]] std::int64_t pack_remainders(const Remainders& remainders);
[[nodiscard]] Remainders unpack_remainders(std::int64_t packed);

/// What one slot of a row holds.
struct SlotAmounts {
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  MicroWattHours total_import;
  MicroWattHours total_export;
};

/// Bits of the column `flags`.
namespace row_flag {
inline constexpr std::int64_t export_estimated_slot0 = 1;  ///< shifted left by the slot
inline constexpr std::int64_t begins_in_other_boot = 8;
inline constexpr unsigned export_source_slot0 = 4;  ///< first of two bits for each slot: metering::ExportSource
}  // namespace row_flag

struct ClosingRow {
  std::int64_t id = 0;  ///< round << 8 | number in the round
  std::int64_t mount = 0;
  Microseconds end_offset{};  ///< after the end of the round
  Microseconds length{};
  metering::Quality quality = metering::Quality::measured;
  metering::Reason reason = metering::Reason::none;
  std::int64_t flags = 0;
  Remainders import_remainders{};
  Remainders export_remainders{};
  std::array<std::optional<SlotAmounts>, slots_per_row> slots;  ///< absent: the channel took no part

  [[nodiscard]] std::int64_t round() const { return id >> 8; }
  [[nodiscard]] bool begins_in_other_boot() const { return (flags & row_flag::begins_in_other_boot) != 0; }
  [[nodiscard]] bool export_is_estimated(std::size_t slot) const {
    return (flags & (row_flag::export_estimated_slot0 << slot)) != 0;
  }
  [[nodiscard]] metering::ExportSource export_source(std::size_t slot) const;
  void set_export_source(std::size_t slot, metering::ExportSource source);
  /// What a bar says of energy that is in it: bit n set = quality n took part. The quality of a row is that of its import; an export
  /// that is estimated makes a bar contain estimated energy all the same.
  [[nodiscard]] std::uint8_t qualities() const;
};

/// Names the first thing that makes a row impossible (unknown quality, negative length, an energy that falls), or nothing.
[[nodiscard]] std::optional<std::string> defect_of(const ClosingRow& row);

}  // namespace rbamp::storage
