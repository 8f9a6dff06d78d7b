// How often a module has new values. Protocol 1.1.
#pragma once

#include "base/clock.hpp"

namespace rbamp::fleet {

/// What is reckoned with until a module's own window is measured.
inline constexpr Microseconds usual_window = std::chrono::milliseconds{200};

}  // namespace rbamp::fleet
