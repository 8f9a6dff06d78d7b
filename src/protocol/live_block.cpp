#include "protocol/live_block.hpp"

#include <cmath>

#include "protocol/limits.hpp"

namespace rbamp::protocol {
namespace {

constexpr std::size_t float_size = 4;

constexpr std::size_t at(reg::Address address) { return static_cast<std::size_t>(address - live_start); }

bool has_meaning(const std::optional<Volts>& voltage, const std::optional<Amperes>& current) {
  return voltage && current && (*voltage * *current).value() >= min_apparent_power;
}

}  // namespace

LiveBlock decode_live(Burst<live_size> burst, Variant variant) {
  LiveBlock block;
  Sanity sanity;
  if (has_voltage(variant)) {
    block.voltage = sanity.within<Volts>(load_f32(burst, at(reg::u_rms)), 0.0, max_voltage);
    block.voltage_peak = sanity.within<Volts>(load_f32(burst, at(reg::u_peak)), 0.0, max_voltage_peak);
  }
  for (std::size_t i = 0; i < channel_count(variant); ++i) {
    const std::size_t offset = i * float_size;
    auto& channel = block.channels[i];
    channel.current = sanity.within<Amperes>(load_f32(burst, at(reg::i0_rms) + offset), 0.0, max_current);
    channel.current_peak = sanity.within<Amperes>(load_f32(burst, at(reg::i0_peak) + offset), 0.0, max_current_peak);
    if (!has_voltage(variant)) continue;
    channel.active_power = sanity.within<Watts>(load_f32(burst, at(reg::p0_real) + offset), -max_power, max_power);
    if (has_meaning(block.voltage, channel.current)) {
      channel.power_factor =
          sanity.within<PowerFactor>(load_f32(burst, at(reg::pf0) + offset), -max_power_factor, max_power_factor);
    }
  }
  block.rejected = sanity.rejected();
  return block;
}

ReactiveBlock decode_reactive(Burst<reactive_size> burst, Variant variant) {
  ReactiveBlock block;
  if (!has_voltage(variant)) return block;
  Sanity sanity;
  for (std::size_t i = 0; i < channel_count(variant); ++i) {
    block.power[i] = sanity.within<Vars>(load_f32(burst, i * float_size), -max_power, max_power);
  }
  block.rejected = sanity.rejected();
  return block;
}

FrequencyReading decode_frequency(Burst<frequency_size> burst) {
  constexpr double half_periods_per_second = 500'000.0;  // µs: two half periods make one
  constexpr double agreement = 1.0;                      // Hz: whole hertz (0.5) and the stated accuracy (0.5)
  FrequencyReading reading;
  const std::uint8_t whole = burst[0];
  if (whole == 0) return reading;
  Sanity sanity;
  reading.frequency = sanity.within<Hertz>(static_cast<float>(whole), min_frequency, max_frequency);
  reading.rejected = sanity.rejected();
  const std::uint16_t half_period_us = load_u16(burst, 1);
  if (reading.frequency && half_period_us != 0) {
    const double fine = half_periods_per_second / half_period_us;
    if (std::abs(fine - reading.frequency->value()) <= agreement) reading.frequency = Hertz{fine};
  }
  return reading;
}

}  // namespace rbamp::protocol
