// A plain table: columns as wide as their widest cell, two blanks apart.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace rbamp::ctl {

/// Columns that a text takes on a terminal: its code points. Our own texts have none that are wider or combine.
[[nodiscard]] std::size_t display_width(std::string_view utf8);

/// The text with control characters as '?': names and notes may come from anywhere, and a terminal obeys escape sequences.
[[nodiscard]] std::string printable(std::string_view text);

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string head;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as there are columns; fewer leave the rest empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// Head and rows, each behind `indent` blanks, without blanks at the ends of lines.
  void print(std::ostream& out, std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rbamp::ctl
