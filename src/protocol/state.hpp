// The two bursts that say what a module went through: 0x00..0x07 and 0x2A..0x5A. Protocol 4.1, 4.4 to 4.7.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "protocol/bytes.hpp"
#include "protocol/error_code.hpp"
#include "protocol/flags.hpp"
#include "protocol/registers.hpp"
#include "protocol/variant.hpp"

namespace rbamp::protocol {

inline constexpr std::uint16_t no_gc_tick = 0xFFFF;

// --- 0x00..0x07 ---------------------------------------------------------------------------------------------------
inline constexpr reg::Address state_start = reg::status;
inline constexpr std::size_t state_size = 8;
static_assert(state_start + state_size == reg::period_valid + 1);
using StateBytes = std::array<std::uint8_t, state_size>;

struct State {
  Status status;
  ErrorCode error = ErrorCode::ok;  ///< of the last write or command: read it right after the write that matters
  std::uint8_t version = 0;
  std::uint8_t mode = 0;  ///< 0 production; internal
  std::uint8_t staged_ct_model = 0;
  bool is_period_valid = false;  ///< the last latch produced a snapshot; says nothing about which latch (D8)
};
[[nodiscard]] State decode_state(Burst<state_size> burst);

// --- 0x46..0x4F ---------------------------------------------------------------------------------------------------
inline constexpr reg::Address health_start = reg::uptime_s;
inline constexpr std::size_t health_size = 10;
using HealthBytes = std::array<std::uint8_t, health_size>;

struct Health {
  std::chrono::seconds uptime{};  ///< by the chip's clock, which may run 25 to 30 % slow
  ResetCauses reset_causes;
  std::uint16_t bus_errors = 0;  ///< I2C_ERR_COUNT, saturating
  std::uint8_t bus_recoveries = 0;
  /// STOP of the last accepted broadcast latch to the next voltage zero crossing; absent without a voltage input.
  std::optional<std::chrono::microseconds> zero_crossing_offset;
};
[[nodiscard]] Health decode_health(Burst<health_size> burst);

// --- 0x2A..0x5A ---------------------------------------------------------------------------------------------------
inline constexpr reg::Address evidence_start = reg::event_flags;
inline constexpr std::size_t evidence_size = 49;
static_assert(evidence_start + evidence_size == reg::gc_tick + 2);
using EvidenceBytes = std::array<std::uint8_t, evidence_size>;

/// All that proves or disproves a reset, and which broadcast the module took. Protocol 12.1.
struct Evidence {
  Events events;
  Events event_mask;
  std::uint16_t threshold_current_raw = 0xFFFF;  ///< 0.01 A; 0xFFFF off. RAM: still set means no reset since it was written
  std::uint16_t threshold_power_raw = 0xFFFF;    ///< 1 W; 0xFFFF off
  I2cAddress address;                            ///< active, or the staged candidate
  Health health;
  std::array<std::uint8_t, max_channels> ct_models{};  ///< applied, 0 = unset
  std::uint8_t product = 0;
  std::uint8_t variant_code = 0;
  FirmwareTier tier;
  Capabilities capabilities;
  std::uint16_t gc_tick = no_gc_tick;  ///< not frozen: read 0x59 again and accept on agreement
};
[[nodiscard]] Evidence decode_evidence(Burst<evidence_size> burst);

/// GC_TICK alone, 0x59..0x5A.
inline constexpr std::size_t gc_tick_size = 2;
[[nodiscard]] constexpr std::uint16_t decode_gc_tick(Burst<gc_tick_size> burst) { return load_u16(burst, 0); }

}  // namespace rbamp::protocol
