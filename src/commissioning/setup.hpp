// What a module is to be set to, and how that is written: differences only, one SAVE, proven by a reset. Protocol 8.3, 13.2, 13.4.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "commissioning/reboot.hpp"
#include "protocol/sensor.hpp"

namespace rbamp::commissioning {

/// What is absent stays as it is.
struct Setup {
  std::optional<protocol::SensorClass> sensor_class;
  std::array<std::optional<std::uint8_t>, max_channels> ct_models;  ///< codes of protocol 5.2
  bool allow_uncharacterised = false;                               ///< let codes 5 and 7 through: the module decides (D17)
  std::optional<bool> listens_to_broadcast;                         ///< in force after a reset
  std::optional<std::uint8_t> group;                                ///< 0: hears broadcasts to all only
  std::optional<std::string> label;                                 ///< up to 8 ASCII characters; empty clears
};

/// One difference, in words: "CT of channel 0", "unset", "SCT-013-030".
struct SettingChange {
  std::string setting;
  std::string before;
  std::string after;
};

/// One sentence about a step that is done, for a person who watches. May be empty.
using Progress = std::function<void(std::string_view)>;

/// The differences between the module and the wishes; none: it is set so already. Reads only.
/// Errors: request_invalid for what can never be (label, channel, CT code, class); bus_*, torn_read.
[[nodiscard]] Result<std::vector<SettingChange>> plan_setup(const ModuleLink& module, const Setup& setup);

/// Writes the differences into the module's RAM, class before models, each checked, and reads them back. Nothing is stored.
/// Errors: as plan_setup; rejected, with what is in RAM now and how to go on.
[[nodiscard]] Result<void> write_setup(const ModuleLink& module, const Setup& setup, const Progress& progress);

/// Nothing when the module has what was wished for. Errors: rejected, naming what differs; as plan_setup.
[[nodiscard]] Result<void> verify_setup(const ModuleLink& module, const Setup& setup);

/// All of it: write, one SAVE, `before_reset`, reset, read again. Costs one flash cycle when anything differs, else nothing.
/// Blocks for about 2 s. Errors: those above and of write_flash and reboot, with the state that the module is left in.
[[nodiscard]] Result<ModuleLink> apply_setup(const ModuleLink& module, const Setup& setup, const BeforeReset& before_reset,
                                             const Progress& progress);

/// Clears the flags that our own writes raised. RESET_OCCURRED and PERIOD_READY belong to whoever meters the module.
/// Errors: bus_*.
[[nodiscard]] Result<void> clear_own_flags(const ModuleLink& module);

/// "SCT-013-030" or "unset"; "model 9" for a code without a name.
[[nodiscard]] std::string ct_name(std::uint8_t code);

}  // namespace rbamp::commissioning
