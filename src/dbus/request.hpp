// What arrives over the bus, checked for form before anybody acts on it: whoever may send commands is still not trusted to send sense.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "dbus/compat.hpp"
#include "dbus/control.hpp"

namespace rbamp::dbus {

// Pure. Every error is request_invalid, with words for the person behind the caller. Amounts are micro-watt-hours.

/// Module, channel and bus names: [a-z0-9_-]+, at most 64. `what` begins the sentence: "the module".
[[nodiscard]] Result<std::string> checked_id(const std::string& what, std::string text);
[[nodiscard]] Result<AdjustRequest> checked_adjustment(std::string module, std::string channel, std::int64_t import_uwh,
                                                       std::int64_t export_uwh, std::string reason);
/// `change`: the dictionary of MeterChange in org.rbampd1.Manager.xml. A key that is not listed there is refused, since a typing mistake
/// would otherwise leave a register as it was.
[[nodiscard]] Result<MeterChangeRequest> checked_meter_change(std::string module, const Dictionary& change, std::string reason);
/// Node ids, keys and object ids are those of Home Assistant: A-Z, a-z, 0-9, _ and -.
[[nodiscard]] Result<AdoptRequest> checked_adoption(std::string module, std::string node,
                                                    std::map<std::string, std::string> pairs, bool trial);
[[nodiscard]] Result<BusTransfer> checked_transfer(std::uint8_t address, std::vector<std::uint8_t> write,
                                                   std::uint32_t read_length);

}  // namespace rbamp::dbus
