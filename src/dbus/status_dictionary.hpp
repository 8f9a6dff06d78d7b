// A Status as the dictionary of GetStatus, and back. Keys: org.rbampd1.Manager.xml.
#pragma once

#include "base/result.hpp"
#include "dbus/compat.hpp"
#include "dbus/status.hpp"

namespace rbamp::dbus {

/// What is absent has no key.
[[nodiscard]] Dictionary to_dictionary(const Status& status);
/// Keys that are missing leave their values as they are by default, unknown ones are passed by: the daemon may be older or newer than its
/// client. Error daemon_refused: no State that we know, so that nothing here can be trusted.
[[nodiscard]] Result<Status> status_from(const Dictionary& dictionary);

[[nodiscard]] inline std::uint64_t to_usec(UtcTime when) { return static_cast<std::uint64_t>(when.time_since_epoch().count()); }
[[nodiscard]] inline UtcTime utc_from(std::uint64_t usec) { return UtcTime{Microseconds{static_cast<std::int64_t>(usec)}}; }

}  // namespace rbamp::dbus
