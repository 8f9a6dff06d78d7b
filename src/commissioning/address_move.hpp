// Moving a module to another address. Protocol 13.3.
#pragma once

#include "base/result.hpp"
#include "commissioning/setup.hpp"

namespace rbamp::commissioning {

/// Can it be done? Exactly one module here, nobody there, an address that modules may have. Reads only, blocks for about 3 s.
/// Errors: request_invalid, wrong_module, bus_*.
[[nodiscard]] Result<void> check_move(const ModuleLink& module, I2cAddress to);

/// Stage, arm and commit in one go, then `before_reset`, reset, and the proof: the same chip answers at `to`, says so itself, and the
/// old address is silent. Costs one flash cycle; blocks for about 2 s. Asks check_move itself, since it must never be left out.
/// Errors: those of check_move; rejected, bus_*, not_ready, wrong_module, each with the state that the module is left in.
[[nodiscard]] Result<ModuleLink> move_module(const ModuleLink& module, I2cAddress to, const BeforeReset& before_reset,
                                             const Progress& progress);

}  // namespace rbamp::commissioning
