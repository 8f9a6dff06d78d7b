// The version of this program, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace rbamp::daemon {

inline constexpr std::string_view version = RBAMP_VERSION;

}  // namespace rbamp::daemon
