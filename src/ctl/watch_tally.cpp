#include "ctl/watch_tally.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rbamp::ctl {

void WatchTally::add(I2cAddress module, std::size_t channels, const commissioning::LiveValues& values) {
  for (std::size_t i = 0; i < channels; ++i) {
    auto& [tally, integrator] = channels_[{module, i}];
    const auto& live = values.block.channels.at(i);
    if (live.current && (!tally.peak_current || *live.current > *tally.peak_current)) tally.peak_current = live.current;
    if (live.active_power) {
      integrator.add(values.at, *live.active_power);
      const auto energy = integrator.take();
      tally.energy_import += energy.positive;
      tally.energy_export += energy.negative;
      if (!tally.peak_power || std::abs(live.active_power->value()) > std::abs(tally.peak_power->value()))
        tally.peak_power = live.active_power;
    }
    if (!live.active_power && !live.current) continue;
    tally.history.push_back(live.active_power ? live.active_power->value() : live.current->value());
    if (tally.history.size() > history_length) tally.history.pop_front();
  }
}

void WatchTally::interrupt(I2cAddress module) {
  for (auto& [key, entry] : channels_) {
    if (key.first == module) entry.integrator.restart();
  }
}

std::string sparkline(const std::deque<double>& history, bool has_unicode) {
  constexpr std::array<const char*, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<const char*, 8> plain{"_", ".", ":", "-", "=", "+", "*", "#"};
  double largest = 0.0;
  for (const double value : history) largest = std::max(largest, std::abs(value));
  std::string text;
  for (const double value : history) {
    const double share = largest > 0.0 ? std::abs(value) / largest : 0.0;
    const auto step = std::min<std::size_t>(static_cast<std::size_t>(std::lround(share * 7.0)), 7);
    text += has_unicode ? blocks.at(step) : plain.at(step);
  }
  return text;
}

}  // namespace rbamp::ctl
