// What reading and changing the settings of a metered module is on the wire: each one blocking call for a bus's worker.
// Protocol 8.3, 9.4, 13.4.
#pragma once

#include "base/ids.hpp"
#include "base/result.hpp"
#include "commissioning/threshold_setting.hpp"
#include "fleet/bus_station.hpp"
#include "metering/module_settings.hpp"

namespace rbamp::daemon {

/// Which chip is meant: another one that sits at the address meanwhile is not touched.
struct ChipPlace {
  I2cAddress address;
  ModuleUid uid;
};

// Errors of all: bus_*, torn_read, not_rbamp, wrong_module; each job says what else.

/// What the module shows; `module_id` is left to the caller. Blocks for some 30 ms. Writes `missing` first: thresholds of before a reset,
/// each only when the module shows none.
[[nodiscard]] Result<metering::ModuleSettings> read_settings(fleet::BusStation& bus, const ChipPlace& chip,
                                                             const commissioning::Thresholds& missing = {});

/// RAM only. Errors: request_invalid, rejected.
[[nodiscard]] Result<void> write_thresholds(fleet::BusStation& bus, const ChipPlace& chip,
                                            const commissioning::Thresholds& thresholds);

/// Whether storing this model would change anything. Reads only. Errors: request_invalid for what can never be.
[[nodiscard]] Result<bool> needs_ct_change(fleet::BusStation& bus, const ChipPlace& chip, const metering::CtModel& wish);

/// Binds the model, stores it (one flash cycle), resets the module and reads it back. Blocks for some 1.5 s, a few more when the module
/// does not do as it should. What the module has averaged is gone: book it before. Errors: those of commissioning::apply_setup.
[[nodiscard]] Result<void> store_ct_model(fleet::BusStation& bus, const ChipPlace& chip, const metering::CtModel& wish);

}  // namespace rbamp::daemon
