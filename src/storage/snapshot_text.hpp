// The frame of the snapshot's text, which its writer and its reader agree on.
#pragma once

#include <cstdint>
#include <string_view>

namespace rbamp::storage {

inline constexpr std::string_view snapshot_title = "rbampd-registers 2";

/// Of everything before the line "end CHECKSUM".
[[nodiscard]] std::uint64_t snapshot_checksum(std::string_view text);

}  // namespace rbamp::storage
