// Reads the keys of one TOML table into plain variables and complains about everything that does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/draft.hpp"

namespace rbamp::config {

/// What is wrong with a text, as the end of a sentence after the key; empty when nothing is.
using TextRule = std::string (*)(std::string_view text);

/// Each call reads one key. An absent key leaves its variable as it is, a wrong one adds a complaint; a text is stored although its rule
/// refuses it, so that what refers to it does not cause complaints of its own. Every key that was not asked for is unknown.
class TableReader {
 public:
  /// `path` as in Draft, empty for the whole document; `title` is how a user writes the table: "[daemon]".
  TableReader(Draft& draft, const Table& table, Place place, std::string path, std::string title);

  void boolean(std::string_view key, bool& into);
  void number(std::string_view key, double& into, double lowest, double highest);
  template <class Integer>
  void integer(std::string_view key, Integer& into, std::int64_t lowest, std::int64_t highest) {
    if (const auto value = read_integer(key, lowest, highest)) into = static_cast<Integer>(*value);
  }
  void text(std::string_view key, std::string& into, TextRule rule);
  void duration(std::string_view key, Microseconds& into, Microseconds shortest, Microseconds longest);
  /// As duration(), but "0s" is allowed as well.
  void duration_or_zero(std::string_view key, Microseconds& into, Microseconds shortest, Microseconds longest);
  template <class Choice>
  void choice(std::string_view key, Choice& into, std::initializer_list<std::pair<std::string_view, Choice>> choices) {
    std::vector<std::string> words;
    for (const auto& [word, value] : choices) words.emplace_back(word);
    if (const auto chosen = read_choice(key, words))
      into = std::next(choices.begin(), static_cast<std::ptrdiff_t>(*chosen))->second;
  }
  /// 0x50, 80, "0x50" or "80"; 0x08 to 0x77.
  void address(std::string_view key, I2cAddress& into);
  /// The node as it is, for a key with a form of its own; nullptr when absent.
  [[nodiscard]] const Node* node(std::string_view key);
  [[nodiscard]] std::string path_of(std::string_view key) const;

  void table(std::string_view key, const std::function<void(TableReader&)>& read);
  /// Every entry of [[key]].
  void each(std::string_view key, const std::function<void(TableReader&)>& read);

  /// True when the key was written.
  [[nodiscard]] bool has(std::string_view key) const { return table_.find(key) != nullptr; }
  /// True when the key was written, read and refused.
  [[nodiscard]] bool is_wrong(std::string_view key) const { return draft_.is_wrong(path_of(key)); }
  /// Complains when the key is absent.
  void require(std::string_view key, std::string_view example);
  /// Complains when the key is written.
  void refuse(std::string_view key, std::string_view why);
  void complain(std::string_view key, const std::string& words);
  /// Call last.
  void refuse_unknown();

 private:
  [[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view key, std::int64_t lowest, std::int64_t highest);
  [[nodiscard]] std::optional<Microseconds> read_duration(std::string_view key);
  [[nodiscard]] std::optional<std::size_t> read_choice(std::string_view key, const std::vector<std::string>& words);
  [[nodiscard]] const std::string* read_text(std::string_view key, std::string_view wanted);
  void complain_type(std::string_view key, std::string_view wanted, const Node& found);
  void read_entry(std::string_view key, const Table& entry, Place place, const std::function<void(TableReader&)>& read);
  [[nodiscard]] std::string unknown_key(const Entry& entry) const;

  Draft& draft_;
  const Table& table_;
  Place place_;
  std::string path_;
  std::string title_;
  std::vector<std::string> keys_;     ///< asked for, in order
  std::vector<std::string> refused_;  ///< have had their own complaint
};

}  // namespace rbamp::config
