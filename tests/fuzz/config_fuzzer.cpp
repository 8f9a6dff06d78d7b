// Any text as a configuration: it is taken or refused with words and places, and the same text always means the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/config.hpp"
#include "must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rbamp::fuzz::must;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto loaded = rbamp::config::parse(text, "fuzz.toml");
  for (const auto& problem : loaded.problems) {
    must(problem.line >= 1 && problem.column >= 1);
    must(!problem.text.empty() && problem.text.find('\n') == std::string::npos);
  }
  const auto again = rbamp::config::parse(text, "fuzz.toml");
  must(again.problems.size() == loaded.problems.size());
  if (loaded.problems.empty()) must(again.config == loaded.config && !loaded.config.buses.empty());
  return 0;
}
