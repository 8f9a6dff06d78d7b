// Opens the GPIO line that modules pull low when they have new values. Protocol 9.5.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "gpio/drdy_line.hpp"

namespace rbamp::gpio {

/// Which line: `offset` on a chip, or `line_name` on that chip or (chip empty) on any.
/// `chip` is a name ("gpiochip0"), a number ("0"), a path ("/dev/gpiochip0") or a label ("pinctrl-rp1", the same at every boot).
struct DrdyRequest {
  std::string chip;
  std::optional<unsigned> offset;
  std::string line_name;
};

/// Requests the line as an input with falling-edge detection and pull-up (modules have none, protocol 2), no debounce: a pulse lasts 10 µs.
/// Returns at once; the line belongs to us until the object is destroyed. libgpiod 1.6 or 2.x, whichever this was built with.
/// Errors: config_invalid (give_up: no such line), bus_missing (reinitialise: no such chip yet), bus_permission (give_up),
/// bus_busy (wait: somebody else uses the line), bus_io (reinitialise). Metering goes on without the line: it only tells when to look.
[[nodiscard]] Result<std::unique_ptr<DrdyLine>> open_drdy(const DrdyRequest& request);

}  // namespace rbamp::gpio
