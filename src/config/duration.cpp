#include "config/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace rbamp::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::array units{
    Unit{"y", 365 * day}, Unit{"w", 7 * day}, Unit{"d", day},   Unit{"h", hour},
    Unit{"m", minute},    Unit{"s", second},  Unit{"ms", 1000},
};

}  // namespace

std::optional<Microseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end_of_text = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), end_of_text, number);
  if (error != std::errc{} || number < 0 || text.front() == '-') return std::nullopt;
  const std::string_view name{end, static_cast<std::size_t>(end_of_text - end)};
  const auto* const unit = std::find_if(units.begin(), units.end(), [name](const Unit& known) { return known.name == name; });
  if (unit == units.end() || number > std::numeric_limits<std::int64_t>::max() / unit->microseconds) return std::nullopt;
  return Microseconds{number * unit->microseconds};
}

std::string duration_to_string(Microseconds duration) {
  const auto count = duration.count();
  if (count == 0) return "0s";
  for (const auto& unit : units) {
    if (unit.name != "w" && count % unit.microseconds == 0)
      return std::to_string(count / unit.microseconds) + std::string{unit.name};
  }
  return std::to_string(count / units.back().microseconds) + std::string{units.back().name};
}

}  // namespace rbamp::config
