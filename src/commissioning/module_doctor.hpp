// Looks one module over: error, settings, history of resets, link, clock, solitude, wiring, wave form.
#pragma once

#include "base/result.hpp"
#include "commissioning/doctor.hpp"
#include "commissioning/module_link.hpp"

namespace rbamp::commissioning {

/// `configured`: nullptr when the configuration does not know it. Blocks for some 10 s. Errors: bus_*, torn_read.
[[nodiscard]] Result<Findings> examine_module(const ModuleLink& module, const config::Module* configured,
                                              const DoctorOrder& order);

}  // namespace rbamp::commissioning
