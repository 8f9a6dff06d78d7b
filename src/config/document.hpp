// A TOML text as a plain tree with the place of every key and value. The only adapter of the TOML library stands behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"

namespace rbamp::config {

/// Where something stands: the number of its file in the list of files, line and column from 1.
struct Place {
  std::size_t file = 0;
  unsigned line = 1;
  unsigned column = 1;
};

struct Entry;
struct Node;

struct Table {
  std::vector<Entry> entries;
  [[nodiscard]] const Entry* find(std::string_view key) const;
};

/// A date, a time of day, or both.
struct Moment {
  std::optional<UtcTime> utc;  ///< of a date and time with an offset from UTC
};

struct Node {
  using Array = std::vector<Node>;
  Place place;
  std::variant<std::string, std::int64_t, double, bool, Moment, Array, Table> value;
};

struct Entry {
  std::string key;
  Place place;
  Node node;
};

/// The library's words for the first place that is no TOML; nothing after it is looked at.
struct SyntaxError {
  Place place;
  std::string text;
};

/// Pure. `file` is the number that the places get.
[[nodiscard]] std::variant<Table, SyntaxError> parse_document(std::string_view text, std::size_t file);

}  // namespace rbamp::config
