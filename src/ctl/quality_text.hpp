// What the qualities and reasons of the ledger mean, in words and in marks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metering/quality.hpp"

namespace rbamp::ctl {

/// One sentence without a full stop: how this energy was obtained.
[[nodiscard]] std::string explanation_of(metering::Quality quality, metering::Reason reason);

/// Bits as in storage::Bar::qualities.
using QualityBits = std::uint8_t;
[[nodiscard]] constexpr QualityBits bit_of(metering::Quality quality) {
  return static_cast<QualityBits>(1U << static_cast<unsigned>(quality));
}
[[nodiscard]] constexpr bool has(QualityBits bits, metering::Quality quality) { return (bits & bit_of(quality)) != 0; }

/// "~" estimated, "?" gap, "*" adjustment; exact qualities have no mark.
[[nodiscard]] std::string marks_of(QualityBits bits);
/// The lines that explain the marks of these bits; empty when there are none.
[[nodiscard]] std::vector<std::string> legend_of(QualityBits bits);
/// "measured", "estimated", ... in the order of their numbers.
[[nodiscard]] std::vector<std::string> names_of(QualityBits bits);

}  // namespace rbamp::ctl
