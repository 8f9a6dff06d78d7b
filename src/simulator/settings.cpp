#include "simulator/settings.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "simulator/random.hpp"

namespace rbamp::simulator {
namespace {

/// Feeds values, not memory, so that padding does not count.
class Digest {
 public:
  void add(std::string_view text) {
    hash_ = hash_of(text, hash_);
    add(static_cast<std::int64_t>(text.size()));
  }
  void add(std::int64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      const char byte = static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU);
      hash_ = hash_of({&byte, 1}, hash_);
    }
  }
  void add(double value) {
    std::int64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    add(bits);
  }
  void add(const std::optional<ModuleUid>& uid) { add(uid ? to_string(*uid) : std::string{}); }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = hash_of({});
};

void add(Digest& digest, const LoadSettings& load) {
  digest.add(std::int64_t{static_cast<int>(load.shape)});
  for (const double value : {load.power_w, load.low_w, load.amplitude_w, load.duty, load.power_factor, load.offset_w})
    digest.add(value);
  digest.add(load.period.count());
  digest.add(load.file);
}

void add(Digest& digest, const Quirks& quirks) {
  for (const bool value : {quirks.flash_blocks_bus, quirks.measures_during_flash, quirks.reset_command_is_acknowledged,
                           quirks.empty_latch_clears_snapshot, quirks.w1c_clears_error, quirks.clear_error_clears_flag,
                           quirks.readonly_write_is_error, quirks.extra_write_bytes_nack, quirks.address_checked_at_commit,
                           quirks.accepts_all_ct_models, quirks.class_change_clears_mirrors, quirks.threshold_is_level,
                           quirks.power_factor_nan_at_no_current, quirks.not_ready_error_at_boot,
                           quirks.uptime_runs_on_chip_clock, quirks.flash_wears_out, quirks.bursts_repeat}) {
    digest.add(std::int64_t{value});
  }
}

void add(Digest& digest, const ModuleSettings& module) {
  digest.add(module.bus);
  digest.add(module.uid);
  digest.add(module.label);
  for (const auto value :
       {int{module.address.value()}, static_cast<int>(module.variant), static_cast<int>(module.firmware),
        int{module.is_standard_tier}, int{module.export_register.value_or(0)}, int{module.broadcast}, int{module.group},
        int{module.provisioned}, int{module.capability.value_or(0)}, int{module.starts_after_power_up},
        static_cast<int>(module.commit_count), static_cast<int>(module.period_ms)}) {
    digest.add(std::int64_t{value});
  }
  for (const auto time : {module.uptime.count(), module.window_phase.value_or(Microseconds{-1}).count(), module.window.count(),
                          module.latch_latency.count()}) {
    digest.add(std::int64_t{time});
  }
  digest.add(module.chip_clock.value_or(0.0));
  add(digest, module.quirks);
  for (const auto& channel : module.channels) {
    digest.add(channel.noise_floor_a);
    for (const int value :
         {int{channel.reversed}, int{channel.ct_model}, int{channel.clamp_model}, static_cast<int>(channel.loads.size())}) {
      digest.add(std::int64_t{value});
    }
    for (const auto& load : channel.loads) add(digest, load);
  }
}

void add(Digest& digest, const Fault& fault) {
  digest.add(std::int64_t{static_cast<int>(fault.kind)});
  digest.add(std::int64_t{fault.at.count()});
  digest.add(std::int64_t{fault.at_utc.value_or(UtcTime{}).time_since_epoch().count()});
  digest.add(std::int64_t{fault.lasting.count()});
  digest.add(fault.bus);
  digest.add(std::int64_t{fault.module.value_or(I2cAddress{}).value()});
  digest.add(fault.value.value_or(-1.0));
  digest.add(std::int64_t{fault.code});
  digest.add(fault.uid);
}

}  // namespace

std::optional<Variant> variant_from(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, Variant>, 6> names{{{"UI1", Variant::ui1},
                                                                       {"UI2", Variant::ui2},
                                                                       {"UI3", Variant::ui3},
                                                                       {"I1", Variant::i1},
                                                                       {"I2", Variant::i2},
                                                                       {"I3", Variant::i3}}};
  for (const auto& [text, variant] : names) {
    if (text == name) return variant;
  }
  return std::nullopt;
}

std::uint64_t fingerprint(const WorldSettings& settings) {
  Digest digest;
  digest.add(static_cast<std::int64_t>(settings.seed));
  for (const double value : {settings.mains.voltage_v, settings.mains.frequency_hz, settings.mains.swing_v, settings.sun_speed})
    digest.add(value);
  digest.add(std::int64_t{settings.time_of_day.value_or(std::chrono::seconds{-1}).count()});
  digest.add(static_cast<std::int64_t>(settings.modules.size()));
  for (const auto& module : settings.modules) add(digest, module);
  for (const auto& fault : settings.faults) add(digest, fault);
  return digest.value();
}

}  // namespace rbamp::simulator
