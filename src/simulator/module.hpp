// One simulated rbAmp module: registers, period engine, flash, and its own truth.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/chip.hpp"
#include "simulator/counters.hpp"
#include "simulator/module_state.hpp"
#include "simulator/settings.hpp"
#include "simulator/truth.hpp"

namespace rbamp::simulator {

/// A fault with its times resolved.
struct ScheduledFault {
  SimTime from{};
  SimTime to = never;
  Fault what;
};

/// What the DRDY line of a module did at `at`.
struct LineChange {
  SimTime at{};
  bool is_running = false;  ///< powered: commits at first_commit + n * window
  SimTime booted_at{};
  bool is_alarmed = false;  ///< held low by events
};

/// One latch that a module executed, empty or not, by whomever.
struct LatchRecord {
  SimTime at{};  ///< the STOP of the write
  bool is_empty = false;
  std::int64_t windows = 0;                          ///< that the snapshot covers
  std::array<float, max_channels> average_import{};  ///< as the registers show it
  std::array<double, max_channels> import_j{};       ///< as it was before rounding
};

/// One measurement window, or the short first one after boot.
struct LiveValues {
  double voltage = 0.0;
  std::array<double, max_channels> current{};
  std::array<double, max_channels> active_power{};
  std::array<double, max_channels> reactive_power{};
};

/// Nothing ticks: each call first moves the module to the present, in closed form. See Chip for threads and time.
class Module final : public Chip {
 public:
  /// The settings leave nothing open: UID, window phase and chip clock are drawn already. One load per channel of the variant.
  Module(ModuleSettings settings, const Mains& mains, std::vector<Load> loads);

  void advance(SimTime now) override;
  [[nodiscard]] bool may_answer(I2cAddress to, SimTime now) const override;
  [[nodiscard]] bool acknowledges(I2cAddress to) const override;
  bool write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  void begin_read(std::uint8_t reg, std::span<std::uint8_t> out) override;
  void continue_read(std::uint8_t reg, std::size_t from, std::span<std::uint8_t> out) override;
  void end_read(std::uint8_t reg, std::size_t size) override;
  [[nodiscard]] SimTime next_change() const override;
  void count_bus_error() override;
  void count_bus_recovery() override;

  /// From now on, or later.
  void schedule(const ScheduledFault& fault);
  void set_outages(const std::vector<Interval>& outages);
  /// Takes the module off the bus and its supply away, now; puts both back, and it boots.
  void unplug() { power_off(); }
  void plug_in();

  [[nodiscard]] ChannelTruth truth(std::size_t channel);
  /// Import and export of an ideal meter over any interval.
  [[nodiscard]] SplitEnergy physical(std::size_t channel, SimTime from, SimTime to) const {
    return loads_.at(channel).split_energy(from, to);
  }
  [[nodiscard]] LiveValues live_values() const;

  [[nodiscard]] const ModuleSettings& settings() const { return settings_; }
  [[nodiscard]] std::size_t channels() const { return channel_count(settings_.variant); }
  [[nodiscard]] const ModuleState& state() const { return state_; }
  /// Goes on where another process left this module. Only right after construction.
  void restore(const ModuleState& state) { state_ = state; }
  [[nodiscard]] const ModuleCounters& counters() const { return counters_; }

  void record_latches(bool on) { is_recording_latches_ = on; }
  [[nodiscard]] const std::vector<LatchRecord>& latches() const { return latches_; }

  /// What the DRDY line did since the last call, in order; recorded only while watched.
  void watch_line(bool on);
  [[nodiscard]] std::vector<LineChange> take_line_changes();
  [[nodiscard]] LineChange line() const;
  /// When the line may change by itself next, beyond the pulses.
  [[nodiscard]] SimTime next_alarm_change() const;
  /// When the next fault of the script begins or ends.
  [[nodiscard]] SimTime next_scripted_change() const;
  [[nodiscard]] std::optional<Fault> active(FaultKind kind, SimTime at) const;
  [[nodiscard]] const std::vector<ScheduledFault>& lasting_faults() const { return lasting_; }

 private:
  struct Event {
    SimTime at{};
    bool is_power_on = false;  ///< the end of a power cut; otherwise `what` begins
    Fault what;
  };

  // module.cpp: life; module_events.cpp: errors, flags, DRDY
  void run_until(SimTime now);
  void apply(const Event& event);
  void lose_volatile();
  void boot(SimTime at, std::uint8_t cause);
  void power_off();
  void finish_flash();
  [[nodiscard]] bool is_awake() const;
  [[nodiscard]] bool is_ready() const;
  void set_error(std::uint8_t code);
  void raise(std::uint8_t flag, SimTime at);
  [[nodiscard]] SimTime next_error_tick() const;
  void note_line(SimTime at);

  // module_period.cpp: windows and latches
  void run_windows(SimTime until);
  void add_run(std::int64_t first, std::int64_t last);
  void check_thresholds(std::int64_t first, std::int64_t last);
  void clip_input(std::int64_t first, std::int64_t last);
  void latch();
  bool hear_broadcast(std::span<const std::uint8_t> frame);
  void show_snapshot(SimTime at);
  [[nodiscard]] LiveValues values_between(SimTime from, SimTime to) const;
  [[nodiscard]] double gain(std::size_t channel) const;
  [[nodiscard]] double chip_ms(SimTime at) const;
  [[nodiscard]] std::int64_t commits() const;

  // module_commands.cpp: register writes and commands
  bool store(std::uint8_t reg, std::uint8_t value);
  void store_legacy(std::uint8_t reg, std::uint8_t value);
  bool run_command(std::uint8_t opcode);
  void accept();
  void reject(bool is_command);
  void stage_address(std::uint8_t candidate);
  void bind_ct(std::size_t channel);
  void commit_address();
  void start_flash(FlashWrite what, const UserConfig& image);

  // module_registers.cpp: register reads
  void render(std::uint8_t first, std::size_t size);
  void render_control();
  void render_system();
  void render_fleet();
  void render_health();
  void render_identity();
  void render_digest();
  void render_live();
  void render_period();
  void render_legacy_noise();
  [[nodiscard]] std::uint8_t capture_byte(std::size_t index) const;
  [[nodiscard]] std::uint8_t byte_at(std::uint8_t reg, std::size_t index) const;

  ModuleSettings settings_;
  const Mains& mains_;
  std::vector<Load> loads_;
  ModuleState state_;
  ModuleCounters counters_;
  std::vector<Event> events_;  ///< in time order
  std::vector<ScheduledFault> lasting_;
  std::array<std::uint8_t, 256> page_{};
  std::array<SplitEnergy, max_channels> physical_{};  ///< up to physical_until_
  std::array<SimTime, max_channels> physical_until_{};
  bool is_recording_latches_ = false;
  std::vector<LatchRecord> latches_;
  bool is_watched_ = false;
  std::vector<LineChange> line_changes_;
};

}  // namespace rbamp::simulator
