// Where the export of a line comes from. The numbers are stored: never renumber.
#pragma once

#include <cstdint>
#include <string_view>

namespace rbamp::metering {

enum class ExportSource : std::uint8_t {
  none = 0,    ///< it was not measured, or the line is of a release that did not note it
  live = 1,    ///< live power of each window, integrated here
  module = 2,  ///< an average of the module's own: its export register, or the average of a clamp that is mounted backwards
};

[[nodiscard]] std::string_view to_string(ExportSource source) noexcept;

}  // namespace rbamp::metering
