// Commits that wait for the disk, in bounded memory and without losing a micro-watt-hour. Pure.
#pragma once

#include <cstddef>
#include <deque>

#include "metering/posting.hpp"

namespace rbamp::metering {

/// Joins `later` onto `earlier`: for each module the anchor, reset and intent of the later one, and the closings of both, where two
/// that adjoin and are marked alike become one with their energies added. Detail is lost, energy is not.
[[nodiscard]] RoundCommit join(RoundCommit earlier, RoundCommit later);

}  // namespace rbamp::metering
