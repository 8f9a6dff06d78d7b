// Do the modules of a bus hear a latch for all of them? Writes: the latch ends every module's running period. Protocol 13.2.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "commissioning/finding.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

/// Sends one latch to all, with a tick that none of them shows, and reads who has that tick then. Only when no ledger meters any module
/// of this bus. Blocks for some 0.1 s. A finding for each module, and one for the bus when nobody listens or the adapter cannot.
/// Errors: bus_*, torn_read.
[[nodiscard]] Result<Findings> try_broadcast(const std::vector<ModuleLink>& modules);

}  // namespace rbamp::commissioning
