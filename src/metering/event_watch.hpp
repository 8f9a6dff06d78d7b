// Finds events in the live readings of one module. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metering/event.hpp"
#include "metering/limit_watch.hpp"
#include "metering/output.hpp"
#include "metering/power_steps.hpp"
#include "metering/reading.hpp"
#include "metering/sign_watch.hpp"

namespace rbamp::metering {

/// What the owner wants to hear of. [events] of the configuration.
struct EventSettings {
  Watts power_step{1000.0};  ///< 0: none
  Microseconds step_spacing = std::chrono::seconds{60};
  Volts over_voltage{253.0};                               ///< 0: none
  Volts under_voltage{207.0};                              ///< 0: none
  Hertz frequency_deviation{0.5};                          ///< from 50 or 60 Hz, whichever is nearer; 0: none
  Microseconds sample_interval = std::chrono::seconds{1};  ///< how often readings come

  bool operator==(const EventSettings&) const = default;
};

/// Steps are looked for where people switch things: on loads, the grid and others. Solar and battery power moves by itself.
class EventWatch {
 public:
  EventWatch(EventSettings settings, Role role) : settings_(settings), role_(role) {}

  [[nodiscard]] std::vector<Event> add(const Reading& reading);
  /// Readings were interrupted.
  void restart();

 private:
  struct Channel {
    PowerSteps steps;
    SignWatch sign;
  };

  void watch_voltage(const Reading& reading, std::vector<Event>& events);
  void watch_frequency(const Reading& reading, std::vector<Event>& events);
  void watch_power(const Reading& reading, const ChannelReading& channel, std::vector<Event>& events);

  EventSettings settings_;
  Role role_;
  std::map<std::string, Channel> channels_;
  std::optional<LimitWatch> voltage_;
  std::optional<LimitWatch> frequency_;
  double nominal_frequency_ = 0.0;
};

/// "1234 W", "229.5 V": a number for a sentence.
[[nodiscard]] std::string in_words(Watts power);
[[nodiscard]] std::string in_words(Volts voltage);
[[nodiscard]] std::string in_words(Hertz frequency);

}  // namespace rbamp::metering
