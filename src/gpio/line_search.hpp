// Finds the chip and offset that a DRDY request means. Pure but for the functions handed in, the same for both libgpiod generations.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "gpio/open_drdy.hpp"

namespace rbamp::gpio {

/// What one chip says about itself.
struct ChipFacts {
  std::string label;
  unsigned line_count = 0;
  std::optional<unsigned> named_line;  ///< offset of the line that was asked for by name
};
/// Looks at the chip at `path` for a line called `line_name` (may be empty). Errors as of gpio_error.
using LookAtChip = std::function<Result<ChipFacts>(const std::string& path, const std::string& line_name)>;

struct LinePlace {
  std::string path;  ///< "/dev/gpiochip0"
  unsigned offset = 0;
  bool operator==(const LinePlace&) const = default;
};

/// `chips` are the paths of all chips there are. Errors: those of open_drdy, before the line is requested.
[[nodiscard]] Result<LinePlace> find_line(const DrdyRequest& request, const std::vector<std::string>& chips,
                                          const LookAtChip& look);

/// /dev/gpiochip*, by number; each chip once, also when it has a second name.
[[nodiscard]] std::vector<std::string> chip_paths(const std::string& folder = "/dev");

/// A failure of the chip or line `what` ("/dev/gpiochip0", "line 15 of /dev/gpiochip0") as an error with words. `consumer` is who uses
/// the line, where known.
[[nodiscard]] Error gpio_error(int error_number, const std::string& what, const std::string& consumer = {});

}  // namespace rbamp::gpio
