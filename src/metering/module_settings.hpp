// Settings of a module that people may change while it meters: what it shows, and the port to whoever can change them.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// As the module itself shows them, never as somebody wished them to be.
struct ModuleSettings {
  std::string module_id;
  std::optional<Amperes> current_threshold;         ///< of the largest channel current; absent: off
  std::optional<Watts> power_threshold;             ///< of the sum of all channels; absent: off
  std::array<std::string, max_channels> ct_models;  ///< by input, "SCT-013-030"; empty: none, or one without a name

  bool operator==(const ModuleSettings&) const = default;
};

/// An absent value switches the threshold off.
struct CurrentThreshold {
  std::optional<Amperes> value;
};
struct PowerThreshold {
  std::optional<Watts> value;
};
struct CtModel {
  ChannelIndex input;
  std::string name;
};

/// One setting of one module, as somebody wants it.
struct SettingOrder {
  std::string module_id;
  std::variant<CurrentThreshold, PowerThreshold, CtModel> wish;
};

/// All calls come on the loop thread and return at once.
class SettingControl {
 public:
  SettingControl() = default;
  SettingControl(const SettingControl&) = delete;
  SettingControl& operator=(const SettingControl&) = delete;
  virtual ~SettingControl() = default;

  /// `done` is called exactly once, on the loop thread, perhaps before the call returns: when the module shows the setting, and after
  /// Output::settings has told so; or with the reason why not, in words for a person.
  virtual void set(const SettingOrder& order, std::function<void(Result<void>)> done) = 0;
};

}  // namespace rbamp::metering
