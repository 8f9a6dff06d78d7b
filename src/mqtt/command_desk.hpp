// Carries out what arrives on command topics, and says in the log why something is not.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "log/logger.hpp"
#include "metering/output.hpp"

namespace rbamp::mqtt {

/// Loop thread only; nothing blocks. A shared broker is not trusted: one button acts at most once in `press_spacing`, since each press
/// costs ledger rows, and refusals are logged at most once in `refusal_spacing`.
class CommandDesk {
 public:
  CommandDesk(metering::FleetControl& fleet, const Clock& clock, log::Logger& logger)
      : fleet_(fleet), clock_(clock), logger_(logger) {}

  void latch(const std::string& topic);
  void restart(const std::string& topic, const std::string& module_id);
  void refuse(const std::string& topic, const std::string& words);

  static constexpr Microseconds press_spacing = std::chrono::seconds{5};
  static constexpr Microseconds refusal_spacing = std::chrono::seconds{10};
  static constexpr std::size_t most_buttons = 256;

 private:
  [[nodiscard]] bool may_press(const std::string& topic);

  metering::FleetControl& fleet_;
  const Clock& clock_;
  log::Logger& logger_;
  std::map<std::string, BootTime> last_press_;
  std::optional<BootTime> last_refusal_;
  std::uint64_t silent_refusals_ = 0;
};

}  // namespace rbamp::mqtt
