#include "mqtt/entity_name.hpp"

#include <algorithm>

namespace rbamp::mqtt {
namespace {

std::string ascii_slug(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
      slug += lower;
    } else if (!slug.empty() && slug.back() != '_') {
      slug += '_';
    }
  }
  while (!slug.empty() && slug.back() == '_') slug.pop_back();
  return slug;
}

}  // namespace

std::string slug_of(std::string_view name, std::string_view fallback) {
  const bool is_ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
  std::string slug = is_ascii ? ascii_slug(name) : std::string{};
  return slug.empty() ? ascii_slug(fallback) : slug;
}

}  // namespace rbamp::mqtt
