// Which module of a bus a person means, and what it is called.
#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "commissioning/module_link.hpp"
#include "ctl/arguments.hpp"
#include "ctl/bus_access.hpp"
#include "ctl/live_view.hpp"

namespace rbamp::ctl {

/// MODULE, required, and any number of them.
void add_module_argument(Arguments command, std::string& module);
void add_module_arguments(Arguments command, std::vector<std::string>& modules);

/// "0x50" or "80". Error request_invalid, also for an address that no module can have.
[[nodiscard]] Result<I2cAddress> parse_module_address(const std::string& text);

/// By address, by id of the configuration, or, for one that nobody configured, by the id that rbampd gives it or its whole UID (then
/// the bus is scanned). Errors: request_invalid with what there is; bus_*.
[[nodiscard]] Result<I2cAddress> find_module(BusAccess& access, const std::string& text);

/// The same, and asks it who it is; writes nothing. Errors: as find_module; those of commissioning::ModuleLink::open.
[[nodiscard]] Result<commissioning::ModuleLink> open_module(BusAccess& access, const std::string& text);

/// What was named, or every rbAmp on the bus. Errors: as find_module; bus_nack when there is none.
[[nodiscard]] Result<std::vector<I2cAddress>> find_modules(BusAccess& access, const std::vector<std::string>& names);

/// "UI1" .. "I3", what VARIANT may be.
[[nodiscard]] std::vector<std::string> variant_names();

/// --legacy.
void add_legacy_option(Arguments command, std::string& variant);

/// A module that says itself what it is, or one that `legacy` (VARIANT, or empty) declares. Errors: request_invalid, also when `legacy`
/// is no variant; those of commissioning::ModuleLink::open and open_declared.
[[nodiscard]] Result<commissioning::LiveFeed> open_feed(BusAccess& access, I2cAddress address, const std::string& legacy);

/// The head of a module's row: who it is.
[[nodiscard]] LiveRow row_of(const BusAccess& access, const commissioning::ModuleLink& module);

/// Its id in the configuration, or the one that rbampd gives it.
[[nodiscard]] std::string id_of(const BusAccess& access, I2cAddress address, const ModuleUid& uid);

}  // namespace rbamp::ctl
