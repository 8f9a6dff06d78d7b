// All field names of our journal records, once.
#pragma once

#include <string_view>

namespace rbamp::log::field {

inline constexpr std::string_view module_uid = "RBAMP_MODULE_UID";
inline constexpr std::string_view module = "RBAMP_MODULE";
inline constexpr std::string_view bus = "RBAMP_BUS";
inline constexpr std::string_view address = "RBAMP_ADDRESS";
inline constexpr std::string_view channel = "RBAMP_CHANNEL";
inline constexpr std::string_view period_begin = "RBAMP_PERIOD_BEGIN";
inline constexpr std::string_view period_end = "RBAMP_PERIOD_END";
inline constexpr std::string_view error = "RBAMP_ERROR";
inline constexpr std::string_view attempts = "RBAMP_ATTEMPTS";
inline constexpr std::string_view path = "RBAMP_PATH";
inline constexpr std::string_view broker = "RBAMP_BROKER";

}  // namespace rbamp::log::field
