// What the looks at one module showed for the first time, in words for people: the accounts do not need it. No I/O. Protocol 9, 13.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleet/assignment.hpp"
#include "fleet/module_io.hpp"
#include "metering/event.hpp"
#include "metering/live_energy.hpp"
#include "metering/ruler_check.hpp"

namespace rbamp::fleet {

struct Finding {
  metering::EventKind kind = metering::EventKind::module_reset;
  std::string channel;
  std::string text;
  metering::EventValues values;
};

class Findings {
 public:
  /// What the integral of live power is held against.
  enum class Ruler : std::uint8_t { import_average, export_register };

  /// Error and thresholds of a look that was not seen before.
  void add_look(const SnapshotRead& look);
  /// The first sight of an error is news, not every sight that still shows it.
  void add_error(protocol::ErrorCode error);
  /// Between two looks the module held its DRDY line with these. As with looks, what is still, or again, set each time is told once.
  /// True when any of it is news.
  [[nodiscard]] bool add_hold(protocol::Events seen);
  /// EVENT_FLAGS told of an error that REG_ERROR does not show any more. While that goes on it is told once.
  void add_passed_error();
  void add_restart(const metering::Evidence& evidence);
  /// Holds the integral of a period's live power against the module's own average.
  void compare_rulers(Ruler ruler, const ChannelAssignment& channel, Watts mean, const metering::LiveEnergy& live,
                      Microseconds length);

  [[nodiscard]] std::vector<Finding> take() { return std::exchange(findings_, {}); }
  /// True once when EVENT_FLAGS says that there was an error while REG_ERROR shows none: the latch has just replaced it, so it must be
  /// read again when the module had time to set it (protocol 9.1).
  [[nodiscard]] bool take_error_look() { return std::exchange(wants_error_look_, false); }
  /// Live sum over the module's average of the last whole hour; none: not known.
  [[nodiscard]] std::optional<double> ruler_ratio(ChannelIndex channel) const { return rulers_[channel.value()].ratio(); }
  /// Of the last period that was watched without a hole.
  [[nodiscard]] std::optional<double> period_ruler_ratio(ChannelIndex channel) const {
    return rulers_[channel.value()].period_ratio();
  }

 private:
  void tell_thresholds(protocol::Events seen);

  std::vector<Finding> findings_;
  std::array<metering::RulerCheck, max_channels> rulers_;
  std::array<metering::RulerCheck, max_channels> export_rulers_;
  protocol::ErrorCode told_error_ = protocol::ErrorCode::ok;
  bool wants_error_look_ = false;
  protocol::Events told_thresholds_;
  protocol::Events told_holds_;
  protocol::Events seen_between_looks_;
  unsigned looks_since_passed_error_ = passed_error_spacing;
  static constexpr unsigned passed_error_spacing = 60;
};

}  // namespace rbamp::fleet
