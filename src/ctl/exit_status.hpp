// What rbampctl's end says to the shell. Documented in docs/rbampctl.md and rbampctl(1): never renumber.
#pragma once

#include "base/error.hpp"

namespace rbamp::ctl {

namespace exit_status {
inline constexpr int ok = 0;
inline constexpr int not_well = 1;        ///< the question was answered, and the answer is bad news
inline constexpr int failed = 2;          ///< status: energy is not being metered, or not being stored
inline constexpr int usage = 64;          ///< wrong arguments
inline constexpr int ledger = 65;         ///< the database cannot be used
inline constexpr int unavailable = 69;    ///< bus, module or daemon cannot be reached, or is busy
inline constexpr int software = 70;       ///< an unexpected failure; the text says which
inline constexpr int output = 74;         ///< the result could not be written
inline constexpr int permission = 77;     ///< this user may not
inline constexpr int configuration = 78;  ///< the configuration has problems
}  // namespace exit_status

/// The status that stands for an error.
[[nodiscard]] int status_of(const Error& error) noexcept;

}  // namespace rbamp::ctl
