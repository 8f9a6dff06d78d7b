// The thresholds that somebody set over MQTT: a module forgets its own at every reset, so the daemon sets them again. Protocol 8.2.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "commissioning/threshold_setting.hpp"
#include "metering/module_settings.hpp"

namespace rbamp::daemon {

/// By place, so that another chip in the same place gets them too. Pure; loop thread.
class ThresholdMemory {
 public:
  /// One line per place: id, 0.01 A or "off", W or "off". A line that is damaged is forgotten: its threshold is then set by hand.
  [[nodiscard]] static ThresholdMemory from_text(const std::string& text);
  [[nodiscard]] std::string to_text() const;

  void set(const std::string& module_id, const metering::CurrentThreshold& threshold);
  void set(const std::string& module_id, const metering::PowerThreshold& threshold);
  /// Somebody else set the module meanwhile: what is remembered becomes what it shows. Nothing that was never set here is remembered.
  void follow(const metering::ModuleSettings& shown);
  void forget(const std::string& module_id) { places_.erase(module_id); }
  /// What a module must be set to again when it shows nothing.
  [[nodiscard]] commissioning::Thresholds of(const std::string& module_id) const;

 private:
  struct Place {
    std::optional<Amperes> current;
    std::optional<Watts> power;
  };
  void tidy(const std::string& module_id);

  std::map<std::string, Place> places_;
};

}  // namespace rbamp::daemon
