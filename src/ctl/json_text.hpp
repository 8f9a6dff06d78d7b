// How an answer in JSON is written: the one place of ctl that turns it into text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace rbamp::ctl {

/// Over several lines, for people too. What is no UTF-8, such as a damaged label of a module, is replaced instead of thrown at.
[[nodiscard]] std::string to_text(const nlohmann::ordered_json& answer);
/// In one line without a line break, for JSON Lines.
[[nodiscard]] std::string to_line(const nlohmann::ordered_json& answer);

}  // namespace rbamp::ctl
