// What is said about a key that nobody asked for: usually it is misspelt, or stands under the wrong table.
#include <algorithm>

#include "config/sections.hpp"
#include "config/suggestion.hpp"
#include "config/table_reader.hpp"

namespace rbamp::config {
namespace {

/// Tables that later versions have: whoever writes one has a newer manual, not a misspelling.
bool is_of_a_later_version(std::string_view table) { return table == "balance" || table == "tariff"; }

/// The tables that have this very key, as a user writes them.
std::vector<std::string> tables_with(std::string_view key) {
  std::vector<std::string> tables;
  for (const auto& [table, title] : key_listing().titles) {
    if (key_listing().known.contains(table + "." + std::string{key})) tables.push_back(title);
  }
  return tables;
}

}  // namespace

std::string TableReader::unknown_key(const Entry& entry) const {
  const bool is_table = std::holds_alternative<Table>(entry.node.value) || std::holds_alternative<Node::Array>(entry.node.value);
  if (path_.empty() && is_of_a_later_version(entry.key)) return "[" + entry.key + "] is not known by this version of rbampd";
  std::string words;
  if (!path_.empty()) {
    words = title_ + " has no key " + in_quotes(entry.key);
  } else if (is_table) {
    words = "there is no table " + in_quotes(entry.key);
  } else {
    words = "the key " + in_quotes(entry.key) + " stands above all tables";
  }
  if (path_.empty() && !is_table) {
    const auto tables = tables_with(entry.key);
    return tables.empty() ? words : words + "; it belongs under " + one_of(tables);
  }
  if (const auto hint = did_you_mean(entry.key, keys_); !hint.empty()) return words + hint;
  if (const auto tables = tables_with(entry.key); !tables.empty()) {
    return words + "; it belongs under " + one_of(tables) + " (is that line missing, or still a comment?)";
  }
  auto known = keys_;
  std::sort(known.begin(), known.end());
  return words + "; known are " + all_of(known);
}

void TableReader::refuse_unknown() {
  const auto is_among = [](const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const auto& entry : table_.entries) {
    if (!is_among(keys_, entry.key) && !is_among(refused_, entry.key)) draft_.complain(entry.place, unknown_key(entry));
  }
}

}  // namespace rbamp::config
