#include "config/suggestion.hpp"

#include <algorithm>
#include <numeric>

namespace rbamp::config {
namespace {

/// Longer words cannot be near any of ours, and their distance would cost quadratic time.
constexpr std::size_t longest_word = 64;
constexpr std::size_t shortest_abbreviation = 3;
constexpr std::size_t longest_quotation = 60;

std::string folded(std::string_view word) {
  std::string text{word};
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return text;
}

std::string listed(const std::vector<std::string>& words, std::string_view before_last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? before_last : std::string_view{", "};
    text += words[i];
  }
  return text;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > longest_word) return std::nullopt;
  const auto wanted = folded(word);
  std::optional<std::string> nearest;
  std::size_t nearest_distance = 0;
  for (const auto& candidate : known) {
    const auto other = folded(candidate);
    const auto distance = edit_distance(wanted, other);
    const auto allowed = std::max<std::size_t>(1, std::max(wanted.size(), other.size()) / 3);
    const bool is_abbreviation =
        wanted.size() >= shortest_abbreviation && (other.starts_with(wanted) || wanted.starts_with(other));
    if (!is_abbreviation && (distance > allowed || distance >= other.size())) continue;
    if (!nearest || distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const auto nearest = closest(word, known);
  return nearest ? "; did you mean \"" + *nearest + "\"?" : std::string{};
}

std::string one_of(const std::vector<std::string>& words) { return listed(words, " or "); }
std::string all_of(const std::vector<std::string>& words) { return listed(words, " and "); }

std::string in_quotes(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string shown = "\"";
  for (const char c : text.substr(0, longest_quotation)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      shown += "\\x";
      shown += hex[byte >> 4U];
      shown += hex[byte & 0x0FU];
    } else {
      shown += c;
    }
  }
  if (text.size() > longest_quotation) shown += "...";
  return shown + '"';
}

}  // namespace rbamp::config
