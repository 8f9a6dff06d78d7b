// Carries out what arrives on command topics, and says in the log why something is not.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "metering/output.hpp"

namespace rbamp::mqtt {

/// Loop thread only; nothing blocks. A shared broker is not trusted: one button acts at most once in `press_spacing`, since each press
/// costs ledger rows, and refusals are logged at most once in `refusal_spacing`.
class CommandDesk {
 public:
  CommandDesk(metering::FleetControl& fleet, metering::SettingControl& settings, const Clock& clock, log::Logger& logger)
      : fleet_(fleet), settings_(settings), clock_(clock), logger_(logger) {}

  void latch(const std::string& topic);
  void restart(const std::string& topic, const std::string& module_id);
  /// `done` when the module shows the setting, or when it was refused, which the log knows by then.
  void set(const std::string& topic, const metering::SettingOrder& order, std::function<void()> done);
  void refuse(const std::string& topic, const std::string& words);

  static constexpr Microseconds press_spacing = std::chrono::seconds{5};
  /// Of one setting: nobody types faster, and a slider that is dragged is one wish.
  static constexpr Microseconds setting_spacing = std::chrono::seconds{1};
  static constexpr Microseconds refusal_spacing = std::chrono::seconds{10};
  static constexpr std::size_t most_buttons = 256;

 private:
  [[nodiscard]] bool may_press(const std::string& topic, Microseconds spacing);

  metering::FleetControl& fleet_;
  metering::SettingControl& settings_;
  const Clock& clock_;
  log::Logger& logger_;
  std::map<std::string, BootTime> next_press_;  ///< by topic: not before
  std::optional<BootTime> last_refusal_;
  std::uint64_t silent_refusals_ = 0;
  loop::Alive alive_;
};

}  // namespace rbamp::mqtt
