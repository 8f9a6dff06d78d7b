// "Did you mean": the known word that a misspelt one was probably meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rbamp::config {

/// Inserted, left out, replaced and swapped letters each count one. Pure.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest word, when it is near enough to be meant: at most a third of the letters differ (one for short words), or one is the
/// beginning of the other. Upper and lower case, '-' and '_' are the same here.
[[nodiscard]] std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known);

/// "; did you mean \"period\"?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// "a, b or c"
[[nodiscard]] std::string one_of(const std::vector<std::string>& words);
/// "a, b and c"
[[nodiscard]] std::string all_of(const std::vector<std::string>& words);

/// In quotes, control characters as \xNN, cut after 60 bytes: what a user wrote, safe to show on a terminal.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace rbamp::config
