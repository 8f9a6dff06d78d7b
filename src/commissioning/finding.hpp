// What a diagnosis found, and what to do about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace rbamp::commissioning {

enum class Severity : std::uint8_t {
  ok,       ///< looked at, and as it should be
  hint,     ///< may be right; a person knows
  warning,  ///< works, and will cause trouble
  problem,  ///< must be put right
};
[[nodiscard]] constexpr std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::ok: return "ok";
    case Severity::hint: return "hint";
    case Severity::warning: return "warning";
    case Severity::problem: return "problem";
  }
  return "unknown";
}

struct Finding {
  Severity severity = Severity::ok;
  std::string check;                 ///< which look found it, one word: "speed", "clamp"; stable
  std::optional<I2cAddress> module;  ///< absent: the bus as a whole
  std::string text;                  ///< what is, a sentence without its dot
  std::string advice;                ///< what to do, a sentence without its dot; empty when nothing
};
using Findings = std::vector<Finding>;

}  // namespace rbamp::commissioning
