// Resetting a module: the only way on which a module is reset, because what it has averaged is gone then.
#pragma once

#include <functional>

#include "base/result.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

/// Called right before the RESET, and before nothing else: latches and books what would be lost (protocol 8.3). An error stops the
/// procedure while the module still averages.
using BeforeReset = std::function<Result<void>(const ModuleLink&)>;

/// RESET, and the proof that it happened: the same chip answers at `comes_back_at` with a young uptime, and is ready. Registers that
/// every reset clears (digest mask, event mask, thresholds) get the values that they had. The flag RESET_OCCURRED stays: who meters
/// the module must see it. Blocks for 0.5 s, up to 6 s for a module that was just switched on. Protocol 6, 8.1, 8.2, 14.2.
/// Errors: those of `before_reset`; bus_* before anything was sent; not_ready, bus_nack or wrong_module after it, with what was
/// found instead and what to do.
[[nodiscard]] Result<ModuleLink> reboot(const ModuleLink& module, I2cAddress comes_back_at, const BeforeReset& before_reset);

/// The words for a module that does not come back where it should: looks where it may be instead.
[[nodiscard]] std::string where_is(fleet::BusStation& bus, const ModuleUid& uid, I2cAddress expected);

}  // namespace rbamp::commissioning
