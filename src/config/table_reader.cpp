#include "config/table_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/duration.hpp"
#include "config/suggestion.hpp"

namespace rbamp::config {
namespace {

std::string_view type_name(const Node& node) {
  struct Name {
    std::string_view operator()(const std::string& /*value*/) const { return "a text"; }
    std::string_view operator()(std::int64_t /*value*/) const { return "an integer"; }
    std::string_view operator()(double /*value*/) const { return "a number"; }
    std::string_view operator()(bool value) const { return value ? "true" : "false"; }
    std::string_view operator()(const Moment& /*value*/) const { return "a date or time"; }
    std::string_view operator()(const Node::Array& /*value*/) const { return "a list"; }
    std::string_view operator()(const Table& /*value*/) const { return "a table"; }
  };
  return std::visit(Name{}, node.value);
}

std::string number_text(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string{text.data(), end};
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

/// "0x50" or "80"; nothing else around it.
std::optional<std::int64_t> parse_address(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::int64_t value = 0;
  const auto* const end_of_text = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), end_of_text, value, base);
  if (error != std::errc{} || end != end_of_text) return std::nullopt;
  return value;
}

}  // namespace

TableReader::TableReader(Draft& draft, const Table& table, Place place, std::string path, std::string title)
    : draft_(draft), table_(table), place_(place), path_(std::move(path)), title_(std::move(title)) {}

std::string TableReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

const Node* TableReader::node(std::string_view key) {
  keys_.emplace_back(key);
  draft_.known.insert(without_numbers(path_of(key)));
  const auto* entry = table_.find(key);
  if (entry == nullptr) return nullptr;
  draft_.places.insert_or_assign(path_of(key), entry->place);
  draft_.wrong.erase(path_of(key));  // of an earlier file, which this one overrides
  return &entry->node;
}

void TableReader::complain(std::string_view key, const std::string& words) {
  draft_.wrong.insert(path_of(key));
  draft_.complain_at(path_of(key), without_numbers(path_of(key)) + ": " + words);
}

void TableReader::complain_type(std::string_view key, std::string_view wanted, const Node& found) {
  complain(key, "must be " + std::string{wanted} + ", not " + std::string{type_name(found)});
}

void TableReader::boolean(std::string_view key, bool& into) {
  const auto* found = node(key);
  if (found == nullptr) return;
  if (const auto* value = std::get_if<bool>(&found->value)) {
    into = *value;
  } else {
    complain_type(key, "true or false, without quotes", *found);
  }
}

std::optional<std::int64_t> TableReader::read_integer(std::string_view key, std::int64_t lowest, std::int64_t highest) {
  const auto* found = node(key);
  if (found == nullptr) return std::nullopt;
  const auto* value = std::get_if<std::int64_t>(&found->value);
  if (value == nullptr) {
    complain_type(key, "a whole number, without quotes", *found);
    return std::nullopt;
  }
  if (*value < lowest || *value > highest) {
    complain(key, std::to_string(*value) + " is out of range: it must be from " + std::to_string(lowest) + " to " +
                      std::to_string(highest));
    return std::nullopt;
  }
  return *value;
}

void TableReader::number(std::string_view key, double& into, double lowest, double highest) {
  const auto* found = node(key);
  if (found == nullptr) return;
  double value = 0.0;
  if (const auto* real = std::get_if<double>(&found->value)) {
    value = *real;
  } else if (const auto* whole = std::get_if<std::int64_t>(&found->value)) {
    value = static_cast<double>(*whole);
  } else {
    complain_type(key, "a number, without quotes", *found);
    return;
  }
  if (!std::isfinite(value) || value < lowest || value > highest) {
    complain(key,
             number_text(value) + " is out of range: it must be from " + number_text(lowest) + " to " + number_text(highest));
    return;
  }
  into = value;
}

const std::string* TableReader::read_text(std::string_view key, std::string_view wanted) {
  const auto* found = node(key);
  if (found == nullptr) return nullptr;
  const auto* value = std::get_if<std::string>(&found->value);
  if (value == nullptr) complain_type(key, wanted, *found);
  return value;
}

void TableReader::text(std::string_view key, std::string& into, TextRule rule) {
  const auto* value = read_text(key, "a text in quotes");
  if (value == nullptr) return;
  into = *value;
  if (has_control_character(*value)) {
    complain(key, in_quotes(*value) + " holds control characters");
  } else if (const auto words = rule(*value); !words.empty()) {
    complain(key, words);
  }
}

std::optional<Microseconds> TableReader::read_duration(std::string_view key) {
  constexpr std::string_view wanted = "a duration in quotes, such as \"60s\"";
  const auto* found = node(key);
  if (found == nullptr) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&found->value)) {
    complain(key, "needs a unit: write \"" + std::to_string(*whole) + "s\" for seconds (units: ms, s, m, h, d, w, y)");
    return std::nullopt;
  }
  const auto* value = std::get_if<std::string>(&found->value);
  if (value == nullptr) {
    complain_type(key, wanted, *found);
    return std::nullopt;
  }
  const auto duration = parse_duration(*value);
  if (!duration) {
    complain(key, in_quotes(*value) +
                      " is no duration: write a whole number and one of the units ms, s, m, h, d, w, y, such as \"60s\"");
  }
  return duration;
}

void TableReader::duration(std::string_view key, Microseconds& into, Microseconds shortest, Microseconds longest) {
  const auto value = read_duration(key);
  if (!value) return;
  if (*value < shortest || *value > longest) {
    complain(key, "\"" + duration_to_string(*value) + "\" is out of range: it must be from \"" + duration_to_string(shortest) +
                      "\" to \"" + duration_to_string(longest) + "\"");
    return;
  }
  into = *value;
}

void TableReader::duration_or_zero(std::string_view key, Microseconds& into, Microseconds shortest, Microseconds longest) {
  const auto value = read_duration(key);
  if (!value) return;
  if (*value != Microseconds{0} && (*value < shortest || *value > longest)) {
    complain(key, "\"" + duration_to_string(*value) + "\" is out of range: it must be \"0s\", or from \"" +
                      duration_to_string(shortest) + "\" to \"" + duration_to_string(longest) + "\"");
    return;
  }
  into = *value;
}

std::optional<std::size_t> TableReader::read_choice(std::string_view key, const std::vector<std::string>& words) {
  const auto* value = read_text(key, "a text in quotes");
  if (value == nullptr) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *value);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::vector<std::string> shown;
  shown.reserve(words.size());
  for (const auto& word : words) shown.push_back(in_quotes(word));
  complain(key, in_quotes(*value) + " is not known: it must be " + one_of(shown) + did_you_mean(*value, words));
  return std::nullopt;
}

void TableReader::address(std::string_view key, I2cAddress& into) {
  const auto* found = node(key);
  if (found == nullptr) return;
  std::optional<std::int64_t> value;
  std::string shown;
  if (const auto* number = std::get_if<std::int64_t>(&found->value)) {
    value = *number;
    shown = std::to_string(*number);
  } else if (const auto* text = std::get_if<std::string>(&found->value)) {
    value = parse_address(*text);
    shown = in_quotes(*text);
    if (!value) {
      complain(key, shown + " is no address: write it as 0x50 or 80");
      return;
    }
  } else {
    complain_type(key, "an address such as 0x50 or 80", *found);
    return;
  }
  if (*value < 0x08 || *value > 0x77) {
    complain(key, shown + " is no address of a module: it must be from 0x08 to 0x77");
    return;
  }
  into = I2cAddress{static_cast<std::uint8_t>(*value)};
}

void TableReader::read_entry(std::string_view key, const Table& entry, Place place,
                             const std::function<void(TableReader&)>& read) {
  const auto array = path_of(key);
  const auto path = entry_path(array, draft_.counts[array]++);
  draft_.places.insert_or_assign(path, place);
  const auto name = without_numbers(array);
  const auto& title = draft_.titles.insert_or_assign(name, "[[" + name + "]]").first->second;
  TableReader reader{draft_, entry, place, path, title};
  read(reader);
  reader.refuse_unknown();
}

void TableReader::table(std::string_view key, const std::function<void(TableReader&)>& read) {
  static const Table nothing;
  const auto* found = node(key);
  const auto name = without_numbers(path_of(key));
  const Table* inner = found == nullptr ? nullptr : std::get_if<Table>(&found->value);
  if (found != nullptr && inner == nullptr) {
    const bool is_list = std::holds_alternative<Node::Array>(found->value);
    if (is_list) complain(key, "there is only one: write [" + name + "], not [[" + name + "]]");
    if (!is_list) complain_type(key, "a table", *found);
    return;
  }
  if (inner == nullptr && !draft_.is_listing_keys) return;
  const auto& title = draft_.titles.insert_or_assign(name, "[" + name + "]").first->second;
  TableReader reader{draft_, inner == nullptr ? nothing : *inner, found == nullptr ? place_ : found->place, path_of(key), title};
  read(reader);
  reader.refuse_unknown();
}

void TableReader::each(std::string_view key, const std::function<void(TableReader&)>& read) {
  static const Table nothing;
  const auto* found = node(key);
  const auto name = without_numbers(path_of(key));
  if (found == nullptr) {
    if (draft_.is_listing_keys) read_entry(key, nothing, place_, read);
    return;
  }
  if (const auto* single = std::get_if<Table>(&found->value)) {
    complain(key, "there may be several: write [[" + name + "]], not [" + name + "]");
    read_entry(key, *single, found->place, read);  // so that the rest of it is checked in the same run
    return;
  }
  const auto* list = std::get_if<Node::Array>(&found->value);
  if (list == nullptr) {
    complain_type(key, "written as [[" + name + "]]", *found);
    return;
  }
  for (const auto& element : *list) {
    if (const auto* entry = std::get_if<Table>(&element.value)) {
      read_entry(key, *entry, element.place, read);
    } else {
      draft_.complain(element.place, name + ": an entry must be a table, not " + std::string{type_name(element)});
    }
  }
}

void TableReader::require(std::string_view key, std::string_view example) {
  if (!has(key)) draft_.complain(place_, title_ + " needs the key " + std::string{key} + ", such as " + std::string{example});
}

void TableReader::refuse(std::string_view key, std::string_view why) {
  refused_.emplace_back(key);
  if (const auto* entry = table_.find(key))
    draft_.complain(entry->place, without_numbers(path_of(key)) + ": " + std::string{why});
}

}  // namespace rbamp::config
