// Short forms for what tests ask of a configuration text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace rbamp::config {

/// "LINE:COLUMN TEXT" of every problem.
[[nodiscard]] inline std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto& problem : parse(text, "test.toml").problems) {
    lines.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " + problem.text);
  }
  return lines;
}

using Problems = std::vector<std::string>;

}  // namespace rbamp::config
