#include "protocol/snapshot.hpp"

#include <algorithm>

#include "protocol/limits.hpp"

namespace rbamp::protocol {
namespace {

constexpr std::size_t at(reg::Address address) { return static_cast<std::size_t>(address - snapshot_start); }

constexpr std::array mean_registers{reg::period_avg_p, reg::period_avg_p_ch1, reg::period_avg_p_ch2};
static_assert(mean_registers.size() == max_channels);

constexpr std::array witness_registers{reg::period_avg_p, reg::period_avg_p_ch1, reg::period_avg_p_ch2, reg::period_max_p,
                                       reg::period_latch_ms};
static_assert(4 * witness_registers.size() == witness_size);

}  // namespace

SnapshotBytes join_snapshot(Burst<snapshot_counts_size> counts, Burst<snapshot_means_size> means,
                            Burst<snapshot_latch_size> latch) {
  SnapshotBytes bytes{};
  const std::span whole{bytes};
  std::ranges::copy(counts, whole.begin());
  std::ranges::copy(means, whole.subspan(at(reg::period_avg_p)).begin());
  std::ranges::copy(latch, whole.subspan(at(reg::period_latch_ms)).begin());
  return bytes;
}

Snapshot decode_snapshot(Burst<snapshot_size> burst, Variant variant, FirmwareTier tier) {
  Snapshot snapshot;
  Sanity sanity;
  if (has_voltage(variant)) {
    const double lowest_mean = tier.is_bidirectional() ? -max_power : 0.0;
    for (std::size_t i = 0; i < channel_count(variant); ++i) {
      snapshot.mean_power[i] = sanity.within<Watts>(load_f32(burst, at(mean_registers[i])), lowest_mean, max_power);
    }
    // Whether MAX_P is clamped at zero is not documented (protocol 20.4), so both signs pass.
    snapshot.max_power = sanity.within<Watts>(load_f32(burst, at(reg::period_max_p)), -max_power, max_power);
  }
  snapshot.commit_count = load_u32(burst, at(reg::period_commit_cnt));
  snapshot.period_time = std::chrono::milliseconds{load_u32(burst, at(reg::period_ms))};
  snapshot.latch_time = std::chrono::milliseconds{load_u32(burst, at(reg::period_latch_ms))};
  snapshot.is_live_valid = (burst[at(reg::v03_status)] & 0x01U) != 0;
  snapshot.rejected = sanity.rejected();
  return snapshot;
}

Witness witness_of(Burst<snapshot_size> burst) {
  Witness witness{};
  std::size_t filled = 0;
  for (const auto address : witness_registers) {
    const auto value = burst.subspan(at(address), 4);
    std::ranges::copy(value, witness.begin() + filled);
    filled += value.size();
  }
  return witness;
}

bool same_snapshot(Burst<snapshot_size> a, Burst<snapshot_size> b) { return witness_of(a) == witness_of(b); }

}  // namespace rbamp::protocol
