// A simulated world as plain data: what the [simulator] section of the configuration says, and what tests add to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "simulator/fault.hpp"
#include "simulator/load.hpp"
#include "simulator/mains.hpp"

namespace rbamp::simulator {

/// HW_VARIANT.
enum class Variant : std::uint8_t { ui1 = 1, ui2 = 2, ui3 = 3, i1 = 4, i2 = 5, i3 = 6 };
/// "UI1" .. "I3"
[[nodiscard]] std::optional<Variant> variant_from(std::string_view name) noexcept;
[[nodiscard]] constexpr bool has_voltage(Variant variant) { return variant <= Variant::ui3; }
[[nodiscard]] constexpr std::size_t channel_count(Variant variant) { return (static_cast<std::size_t>(variant) - 1) % 3 + 1; }

/// VERSION. Protocol 1.4.
enum class Firmware : std::uint8_t { v1_0 = 1, v1_1 = 2, v1_2 = 3, v1_3 = 4 };

/// What COMMIT_CNT and PERIOD_MS show: the sources disagree (protocol D10).
enum class CounterMode : std::uint8_t { live, latched, last_window };

/// Behaviour that no source settles, or on which they disagree. The defaults follow protocol sections 16 and 17.
struct Quirks {
  bool flash_blocks_bus = true;       ///< no ACK while flash is written
  bool measures_during_flash = true;  ///< protocol 20.6
  bool reset_command_is_acknowledged = true;
  bool empty_latch_clears_snapshot = false;  ///< protocol 20.2
  bool w1c_clears_error = false;             ///< D15
  bool clear_error_clears_flag = false;      ///< D15: CLEAR_ERROR takes EVENT bit 3 along
  bool readonly_write_is_error = false;      ///< protocol 20.5
  bool extra_write_bytes_nack = false;       ///< protocol 20.5: bytes after the first data byte
  bool address_checked_at_commit = false;    ///< TV13: otherwise at the write
  bool accepts_all_ct_models = false;        ///< D17: also codes 5 and 7
  bool class_change_clears_mirrors = false;  ///< protocol 20.7
  bool threshold_is_level = false;           ///< protocol 20.4: the flag comes back while above
  bool power_factor_nan_at_no_current = false;
  bool not_ready_error_at_boot = false;  ///< REG_ERROR 0xFC until the first window
  bool uptime_runs_on_chip_clock = false;
  bool bursts_repeat = false;    ///< D2: a burst delivers its first register again and again
  bool flash_wears_out = false;  ///< torn after 10,000 cycles
};

/// One current input and the clamp on it.
struct ChannelSettings {
  std::vector<LoadSettings> loads;  ///< summed; none: nothing flows
  double noise_floor_a = 0.0;       ///< I = sqrt(max(0, raw² - floor²))
  bool reversed = false;            ///< clamp mounted the wrong way round
  std::uint8_t ct_model = 3;        ///< bound in the factory-fresh or saved configuration; 0: unset
  std::uint8_t clamp_model = 0;     ///< the clamp that is really plugged in; 0: the one that is configured, whichever that is
};

struct ModuleSettings {
  std::string bus = "main";
  I2cAddress address = default_module_address;
  Variant variant = Variant::ui1;
  Firmware firmware = Firmware::v1_3;
  bool is_standard_tier = false;                ///< FW_TIER 0x05: accumulates export too
  std::optional<std::uint8_t> export_register;  ///< three f32 like AVG_P, for firmware that publishes them; no address is known
  std::optional<ModuleUid> uid;                 ///< none: drawn from the seed, the bus and the address
  std::string label;
  bool broadcast = false;  ///< GC_ENABLE was saved before boot
  std::uint8_t group = 0;
  bool provisioned = true;  ///< false: blank flash, answers at 0x50 whatever `address` says
  bool plugged = true;      ///< false: not on the bus yet, without supply, until World::plug. Not in the fingerprint
  std::optional<std::uint16_t> capability;  ///< older modules report 0x0618 or 0x0718
  std::vector<ChannelSettings> channels;    ///< missing ones: nothing flows

  Microseconds uptime{};                     ///< powered for so long when the world begins
  std::optional<Microseconds> window_phase;  ///< 0..window before that; none: drawn from the seed
  SimTime window = std::chrono::milliseconds{200};
  std::optional<double> chip_clock;   ///< of real time; none: 0.73 to 0.74, drawn from the seed
  bool starts_after_power_up = true;  ///< RESET_CAUSE of the first boot: POR; false: pin
  Microseconds latch_latency = std::chrono::milliseconds{5};
  CounterMode commit_count = CounterMode::latched;
  CounterMode period_ms = CounterMode::latched;
  Quirks quirks;
};

struct BusSettings {
  std::string name = "main";
  std::uint32_t speed_hz = 100'000;  ///< 0: transfers take no time
  bool has_general_call = true;
  std::size_t max_transfer = 8192;  ///< longer reads are refused; up to 32: an adapter that speaks SMBus only
  Microseconds timeout = std::chrono::milliseconds{100};  ///< what a stuck bus costs
  double short_gap_nack = 0.0;                            ///< probability after a pause below 100 µs
};

/// Chips that are no rbAmp. They must never be written to.
struct ForeignSettings {
  enum class Kind : std::uint8_t { eeprom, general_call_listener, dimmer };
  Kind kind = Kind::eeprom;
  std::string bus = "main";
  I2cAddress address{0x57};
};

struct WorldSettings {
  std::uint64_t seed = 1;
  MainsSettings mains;
  double sun_speed = 1.0;                           ///< config: time_scale
  std::optional<std::chrono::seconds> time_of_day;  ///< of the sun when the world begins; none: UTC
  std::vector<BusSettings> buses;                   ///< a bus that is only named by a module gets the defaults
  std::vector<ModuleSettings> modules;
  std::vector<ForeignSettings> foreign;
  std::vector<Fault> faults;
  std::string state_file;  ///< empty: nothing outlives the process
};

/// Changes with every value that decides what happens in the world; the state of another world must not be resumed.
[[nodiscard]] std::uint64_t fingerprint(const WorldSettings& settings);

}  // namespace rbamp::simulator
