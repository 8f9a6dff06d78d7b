// Everything a module remembers between two events, as plain bytes: together with the settings it says all about its present.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "base/ids.hpp"
#include "simulator/sim_time.hpp"
#include "simulator/window_sums.hpp"

namespace rbamp::simulator {

/// The flash group "user_config". Protocol 8.3.
struct UserConfig {
  std::uint8_t sensor_class = 0;
  std::uint8_t ct_model = 0;  ///< staged
  std::array<std::uint8_t, max_channels> ct_applied{};
  std::uint8_t fleet = 0;
  std::uint8_t group = 0;
  std::array<std::uint8_t, 8> label{};
  std::uint8_t address = default_module_address.value();
};

enum class FlashWrite : std::uint8_t { none, user_config, address };

struct Flash {
  UserConfig image;
  bool is_valid = true;  ///< false: blank or torn
  std::uint32_t cycles = 0;
  FlashWrite running = FlashWrite::none;
  UserConfig next;  ///< being written
  SimTime started = never;
  SimTime until = never;
};

/// What a latch freezes. Joules of truth travel along, to know what became of them.
struct Snapshot {
  std::array<float, max_channels> average_import{};
  std::array<float, max_channels> average_export{};
  float max_power = 0.0F;
  std::uint32_t latch_ms = 0;
  std::uint32_t commits = 0;
  std::array<double, max_channels> import_j{};
  std::array<std::uint8_t, max_channels> unread{};  ///< bit per byte of AVG_P that nobody has read yet
};

/// Where window energy went, per channel, joules since the world began. Sums of window-clamped import unless said otherwise.
struct Ledger {
  double windowed_import = 0.0;
  double windowed_export = 0.0;
  double delivered = 0.0;      ///< latched, and read by a master
  double never_read = 0.0;     ///< latched, and replaced or lost before anybody read it
  double lost_in_reset = 0.0;  ///< still in the accumulator when the module restarted
};

struct ModuleState {
  SimTime now{};  ///< all of this is as of then
  ModuleUid uid;
  bool is_powered = true;
  SimTime booted_at{};
  std::uint8_t reset_cause = 0;
  std::uint32_t boots = 1;
  std::uint32_t faults_applied = 0;  ///< index into the module's own script

  // Period engine
  std::int64_t windows = 0;         ///< committed since boot
  std::int64_t period_windows = 0;  ///< accumulated since the last latch that was not empty
  SimTime period_start{};
  double period_start_chip_ms = 0.0;
  std::array<WindowSums, max_channels> live{};
  Snapshot shown;
  bool shown_valid = false;
  Snapshot coming;
  bool coming_empty = false;
  SimTime coming_at = never;  ///< `coming` becomes `shown`
  double chip_ms = 0.0;       ///< chip timer at chip_since
  SimTime chip_since{};
  double chip_rate = 1.0;

  // Registers
  UserConfig config;  ///< the RAM image
  Flash flash;
  std::uint8_t active_address = 0;
  bool hears_broadcast = false;  ///< GC_ENABLE at boot
  std::uint8_t staged_address = 0;
  SimTime armed_until = -never;
  std::uint8_t error = 0;
  SimTime error_since{};
  std::uint8_t event_flags = 0;
  std::uint8_t event_mask = 0;
  std::uint16_t threshold_current = 0xFFFF;
  std::uint16_t threshold_power = 0xFFFF;
  bool above_current = false;
  bool above_power = false;
  std::uint8_t digest_config = 0;
  std::uint16_t gc_tick = 0xFFFF;
  std::uint16_t zc_offset = 0xFFFF;
  std::uint16_t bus_errors = 0;
  std::uint8_t bus_reinits = 0;
  std::uint8_t pointer = 0;
  std::uint8_t capture_page = 0;
  SimTime capture_ready_at = never;
  bool lut_is_bad = false;
  bool is_clone = false;

  std::array<Ledger, max_channels> ledger{};
};
static_assert(std::is_trivially_copyable_v<ModuleState>, "lives in a mapped file");

}  // namespace rbamp::simulator
