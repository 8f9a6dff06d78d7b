#include "config/document.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace rbamp::config {
namespace {

Place place_of(const toml::source_region& source, std::size_t file) {
  return Place{file, std::max(source.begin.line, toml::source_index{1}), std::max(source.begin.column, toml::source_index{1})};
}

Moment moment_of(const toml::date_time& from) {
  if (!from.offset) return {};
  const auto day = std::chrono::sys_days{std::chrono::year_month_day{
      std::chrono::year{from.date.year}, std::chrono::month{from.date.month}, std::chrono::day{from.date.day}}};
  const auto since_midnight = std::chrono::hours{from.time.hour} + std::chrono::minutes{from.time.minute} +
                              std::chrono::seconds{from.time.second} +
                              std::chrono::floor<Microseconds>(std::chrono::nanoseconds{from.time.nanosecond});
  return {UtcTime{day} + since_midnight - std::chrono::minutes{from.offset->minutes}};
}

Table convert_table(const toml::table& table, std::size_t file);

Node convert(const toml::node& node, std::size_t file) {
  Node converted;
  converted.place = place_of(node.source(), file);
  if (const auto* text = node.as_string()) {
    converted.value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    converted.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    converted.value = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    converted.value = boolean->get();
  } else if (const auto* array = node.as_array()) {
    Node::Array elements;
    elements.reserve(array->size());
    for (const auto& element : *array) elements.push_back(convert(element, file));
    converted.value = std::move(elements);
  } else if (const auto* table = node.as_table()) {
    converted.value = convert_table(*table, file);
  } else {
    const auto* moment = node.as_date_time();
    converted.value = moment == nullptr ? Moment{} : moment_of(moment->get());
  }
  return converted;
}

Table convert_table(const toml::table& table, std::size_t file) {
  Table converted;
  converted.entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    converted.entries.push_back(Entry{std::string{key.str()}, place_of(key.source(), file), convert(node, file)});
  }
  return converted;
}

/// The library quotes what it saw, with line ends and all; a problem is one line.
std::string on_one_line(std::string_view words) {
  std::string line;
  for (const char c : words) {
    if (c == '\n') {
      line += "\\n";
    } else {
      line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    }
  }
  return line;
}

/// By far the most frequent slip, and the library's words for it ("expected digit, saw 's'") help nobody. What was written is not
/// repeated: it may be a password.
std::string quotes_hint(std::string_view text, unsigned line_number) {
  for (unsigned line = 1; line < line_number; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  const auto line = text.substr(0, text.find('\n'));
  const auto equals = line.find('=');
  const auto begin = equals == std::string_view::npos ? equals : line.find_first_not_of(" \t", equals + 1);
  if (begin == std::string_view::npos || std::string_view{"\"'[{#\r"}.find(line[begin]) != std::string_view::npos) return {};
  return "; texts and durations are written in quotes, as in period = \"60s\"";
}

}  // namespace

const Entry* Table::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : std::to_address(found);
}

std::variant<Table, SyntaxError> parse_document(std::string_view text, std::size_t file) {
  try {
    return convert_table(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    const auto place = place_of(error.source(), file);
    return SyntaxError{place, on_one_line(error.description()) + quotes_hint(text, place.line)};
  }
}

}  // namespace rbamp::config
