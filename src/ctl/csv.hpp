// Fields of a CSV line as RFC 4180 wants them.
#pragma once

#include <string>
#include <string_view>

namespace rbamp::ctl {

/// In quotes when it has a comma, a quote or a line break; a quote becomes two.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace rbamp::ctl
