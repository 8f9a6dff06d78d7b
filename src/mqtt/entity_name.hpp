// The entity ids that we suggest to Home Assistant. Only used when an entity is first registered. Home-assistant 4.
#pragma once

#include <string>
#include <string_view>

namespace rbamp::mqtt {

/// "Workshop meter" becomes "workshop_meter". Home Assistant would transliterate other scripts; we cannot, so a name that has
/// anything but ASCII, or no letter or digit at all, gives the slug of `fallback` (an id, always ASCII).
[[nodiscard]] std::string slug_of(std::string_view name, std::string_view fallback);

}  // namespace rbamp::mqtt
