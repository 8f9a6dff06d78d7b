// Where another program's latch divides a period both of whose parts were read. Pure. Protocol 12.3, case C.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace rbamp::metering {

/// The length of the part before the foreign latch. `length`: from our anchor to our next latch; the two LATCH_MS, in the chip's
/// milliseconds: of the snapshot that the stranger left, and of ours after it. None when they do not add up to the whole at a healthy
/// chip clock: then there was more than one foreign latch, and what came before the last of them is lost.
[[nodiscard]] std::optional<Microseconds> before_foreign_latch(Microseconds length, std::uint32_t theirs_ms,
                                                               std::uint32_t ours_ms);

inline constexpr std::string_view foreign_latch_note =
    "another program latched this module once; both parts were read, and the module's own clock tells where they meet";
inline constexpr std::string_view foreign_latches_note =
    "another program latched this module several times; this is what its last two parts show, for as long as its own clock says";

}  // namespace rbamp::metering
