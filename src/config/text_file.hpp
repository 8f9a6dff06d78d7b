// A file of the configuration as text.
#pragma once

#include <string>

#include "base/result.hpp"

namespace rbamp::config {

struct FileText {
  bool exists = true;
  std::string text;
};

/// Reads a whole file, at most 1 MiB. Blocks for the disk. A file that does not exist is no error here.
/// Error: config_invalid; the text gives the reason and, when rights are missing, user, group and what to type.
[[nodiscard]] Result<FileText> read_file(const std::string& path);

/// What to tell a person about an errno of open() or read(), when `user` runs the program.
[[nodiscard]] std::string explain_unreadable(const std::string& path, int error, const std::string& user);

}  // namespace rbamp::config
