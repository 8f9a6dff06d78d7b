// Setting up a module fresh from the factory, or one whose flash was torn. Protocol 13.4.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "commissioning/setup.hpp"

namespace rbamp::commissioning {

struct Provision {
  Setup setup;                        ///< with a class, and a CT model for every channel of the variant
  std::optional<I2cAddress> address;  ///< where it is to live; none: where it is
};

/// Is the module one to be set up, and can all of it be done? Reads only, blocks for about 3 s: identity, blank state, exactly one
/// module, free target, possible settings. Returns what would change, the address included.
/// Errors: request_invalid (set up already; target taken; impossible setting), wrong_module, bus_*.
[[nodiscard]] Result<std::vector<SettingChange>> plan_provision(const ModuleLink& module, const Provision& wish);

/// Class, models, broadcast, group, label, one SAVE; then the address, one COMMIT_ADDR; a reset; everything read again. Two flash
/// cycles, or one when the address stays. Blocks for about 6 s. Asks plan_provision itself.
/// Errors: those above, each with the state that the module is left in and how to go on.
[[nodiscard]] Result<ModuleLink> provision(const ModuleLink& module, const Provision& wish, const BeforeReset& before_reset,
                                           const Progress& progress);

/// REG_ERROR says that the parameter page is blank or torn, or no sensor class is set (the error disappears with the first write of
/// anybody). Errors: bus_*.
[[nodiscard]] Result<bool> is_blank(const ModuleLink& module);

}  // namespace rbamp::commissioning
