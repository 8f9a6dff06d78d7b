// Everything a module says about itself, in one look. Reads only. Protocol 4.1 to 4.7, 7.
#pragma once

#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "protocol/settings.hpp"
#include "protocol/state.hpp"

namespace rbamp::commissioning {

struct ModuleFacts {
  protocol::Identity identity;
  bool bytewise = false;
  protocol::State state;        ///< REG_ERROR as it was before anything was written
  protocol::Settings settings;  ///< and the line frequency
  protocol::Evidence evidence;  ///< health, applied CT models, last broadcast tick
};

/// Blocks for some 20 ms. What is not frozen (CT models, tick, address) is read until two reads agree.
/// Errors: bus_*, torn_read.
[[nodiscard]] Result<ModuleFacts> describe(const ModuleLink& module);

}  // namespace rbamp::commissioning
