// Where a command reads and writes, and what the other side can show.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

namespace rbamp::ctl {

struct Terminal {
  std::istream& in;
  std::ostream& out;         ///< results only
  std::ostream& err;         ///< errors, questions, progress
  bool is_terminal = false;  ///< `out` is a person's screen
  bool can_ask = false;      ///< a person reads `err` and answers on `in`
  unsigned width = 80;       ///< columns of `out`
  bool has_colour = false;   ///< never without a terminal, with NO_COLOR, or on a dumb one
  bool has_unicode = true;   ///< block characters may be drawn

  /// Standard input, output and error, as they are now. Sets the process's character type from its locale. Main thread, once.
  [[nodiscard]] static Terminal of_process();

  /// Asks a question that ends with " [y/N] "; true for y or yes. Call it only when can_ask. Blocks for the person.
  [[nodiscard]] bool confirms(const std::string& question) const;
  /// Asks for a line; without blanks around it, and nullopt at the end of the input. Call it only when can_ask. Blocks for the person.
  [[nodiscard]] std::optional<std::string> asks(const std::string& question) const;
};

}  // namespace rbamp::ctl
