// JSON to text and back: the one place of mqtt that does either.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace rbamp::mqtt {

/// What `text` says, of whomever it comes; what is no JSON gives a value that is_discarded() and is no object, list, string or number.
[[nodiscard]] nlohmann::json parse_json(const std::string& text);
/// In one line. What is no UTF-8, such as a damaged label of a module, is replaced instead of thrown at.
[[nodiscard]] std::string to_line(const nlohmann::json& value);

}  // namespace rbamp::mqtt
