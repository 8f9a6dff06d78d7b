// What `watch` remembers of a channel: energy since it began, peaks, and the newest powers. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/ids.hpp"
#include "commissioning/live_feed.hpp"
#include "metering/live_energy.hpp"

namespace rbamp::ctl {

inline constexpr std::size_t history_length = 30;

struct ChannelTally {
  WattHours
      energy_import;  ///< since the first reading, from live power: what a ledger books comes from the module's own averages
  WattHours energy_export;
  std::optional<Watts> peak_power;  ///< the largest in size, with its sign
  std::optional<Amperes> peak_current;
  std::deque<double> history;  ///< watts, or amperes without a voltage input; oldest first, at most history_length
};

class WatchTally {
 public:
  /// One read of a module with so many channels.
  void add(I2cAddress module, std::size_t channels, const commissioning::LiveValues& values);
  /// The module was away: the time is not bridged.
  void interrupt(I2cAddress module);
  [[nodiscard]] const ChannelTally& of(I2cAddress module, std::size_t channel) { return channels_[{module, channel}].tally; }

 private:
  struct Entry {
    ChannelTally tally;
    metering::LiveIntegrator integrator;
  };
  std::map<std::pair<I2cAddress, std::size_t>, Entry> channels_;
};

/// The history as bars of one character each, on a scale from nothing to its largest size.
[[nodiscard]] std::string sparkline(const std::deque<double>& history, bool has_unicode);

}  // namespace rbamp::ctl
