// The values that a latch froze: the burst 0xBE..0xEF, or its three useful parts. Protocol 4.9, 10.1, 10.2, 11.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "protocol/bytes.hpp"
#include "protocol/registers.hpp"
#include "protocol/variant.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

inline constexpr reg::Address snapshot_start = reg::period_commit_cnt;
inline constexpr std::size_t snapshot_size = 50;
static_assert(snapshot_start + snapshot_size == reg::period_latch_ms + 4);
using SnapshotBytes = std::array<std::uint8_t, snapshot_size>;

// The same by parts, without reactive power and factory bytes: 0xBE..0xCF, 0xDC..0xE3, 0xEC..0xEF.
inline constexpr std::size_t snapshot_counts_size = 18;
inline constexpr std::size_t snapshot_means_size = 8;
inline constexpr std::size_t snapshot_latch_size = 4;
/// The three parts as one burst; what lies between them reads as zero.
[[nodiscard]] SnapshotBytes join_snapshot(Burst<snapshot_counts_size> counts, Burst<snapshot_means_size> means,
                                          Burst<snapshot_latch_size> latch);

/// One closed period, as the module tells it. Read it twice and compare with `same_snapshot` before billing: I2C has no CRC.
struct Snapshot {
  /// Mean active power of the period. Absent: the variant lacks the channel or the voltage, or the value is implausible.
  /// On a tier that is not bidirectional a negative mean is a fault and implausible (D37).
  std::array<std::optional<Watts>, max_channels> mean_power;
  std::optional<Watts> max_power;           ///< largest window of channel 0
  std::uint32_t commit_count = 0;           ///< live or latched: D10, evidence only
  std::chrono::milliseconds period_time{};  ///< 0xCA, chip clock, disputed meaning: never bill from it
  std::chrono::milliseconds latch_time{};   ///< 0xEC, between the last two latches by the chip's slow clock: never bill from it
  bool is_live_valid = false;               ///< 0xCE: a window was published since boot
  unsigned rejected = 0;
};
[[nodiscard]] Snapshot decode_snapshot(Burst<snapshot_size> burst, Variant variant, FirmwareTier tier);

/// The bytes that a latch freezes: AVG_P ch0, ch1, ch2, MAX_P, LATCH_MS as read. Identical bytes: no latch in between. Protocol 12.2.
inline constexpr std::size_t witness_size = 20;
using Witness = std::array<std::uint8_t, witness_size>;
[[nodiscard]] Witness witness_of(Burst<snapshot_size> burst);
/// True when two reads show the same latched values; live neighbours (0xBE, 0xCA, reactive power) may differ.
[[nodiscard]] bool same_snapshot(Burst<snapshot_size> a, Burst<snapshot_size> b);

/// LATCH_MS over the master's interval: 0.70 to 1.05 is healthy, outside the module or the interval is suspect. Protocol 11.3, D35.
[[nodiscard]] constexpr bool is_plausible_chip_time(std::chrono::milliseconds chip, std::chrono::milliseconds master) {
  const auto scaled = chip.count() * 100;
  return scaled >= master.count() * 70 && scaled <= master.count() * 105;
}

}  // namespace rbamp::protocol
