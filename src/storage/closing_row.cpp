#include "storage/closing_row.hpp"

#include <algorithm>
#include <cmath>

namespace rbamp::storage {
namespace {

constexpr double remainder_unit = 32767.0;
constexpr std::int64_t digit_base = 65536;

/// The digit in [-32768, 32767] that is congruent to `value`.
std::int64_t lowest_digit(std::int64_t value) {
  const std::int64_t digit = ((value % digit_base) + digit_base) % digit_base;
  return digit >= digit_base / 2 ? digit - digit_base : digit;
}

}  // namespace

std::int64_t pack_remainders(const Remainders& remainders) {
  std::int64_t packed = 0;
  for (std::size_t slot = slots_per_row; slot-- > 0;) {
    const double fraction = std::isfinite(remainders[slot]) ? std::clamp(remainders[slot], -1.0, 1.0) : 0.0;
    packed = packed * digit_base + static_cast<std::int64_t>(std::lround(fraction * remainder_unit));
  }
  return packed;
}

Remainders unpack_remainders(std::int64_t packed) {
  Remainders remainders{};
  for (auto& remainder : remainders) {
    const std::int64_t digit = lowest_digit(packed);
    remainder = static_cast<double>(digit) / remainder_unit;
    packed = (packed - digit) / digit_base;
  }
  return remainders;
}

std::uint8_t ClosingRow::qualities() const {
  const auto bit_of = [](metering::Quality kind) { return 1U << static_cast<unsigned>(kind); };
  unsigned bits = bit_of(quality);
  for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
    if (slots[slot] && export_is_estimated(slot)) bits |= bit_of(metering::Quality::estimated);
  }
  return static_cast<std::uint8_t>(bits);
}

metering::ExportSource ClosingRow::export_source(std::size_t slot) const {
  using metering::ExportSource;
  const auto stored = (flags >> (row_flag::export_source_slot0 + 2 * slot)) & 3;
  return stored <= static_cast<std::int64_t>(ExportSource::module) ? static_cast<ExportSource>(stored) : ExportSource::none;
}

void ClosingRow::set_export_source(std::size_t slot, metering::ExportSource source) {
  flags |= static_cast<std::int64_t>(source) << (row_flag::export_source_slot0 + 2 * slot);
}

std::optional<std::string> defect_of(const ClosingRow& row) {
  if (row.length < Microseconds::zero()) return "its length is negative";
  const bool is_adjustment = row.quality == metering::Quality::adjustment;
  if (is_adjustment && row.length != Microseconds::zero()) return "an adjustment covers time";
  for (const auto& slot : row.slots) {
    if (!slot) continue;
    if (!is_adjustment && (slot->energy_import.value() < 0 || slot->energy_export.value() < 0)) return "an energy is negative";
    if (slot->total_import.value() < 0 || slot->total_export.value() < 0) return "a total is negative";
    if (row.quality == metering::Quality::gap && (slot->energy_import.value() != 0 || slot->energy_export.value() != 0)) {
      return "a gap has energy";
    }
  }
  return std::nullopt;
}

}  // namespace rbamp::storage
