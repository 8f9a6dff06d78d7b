// The sink that fits where the program was started: the journal under systemd, readable lines everywhere else.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string_view>

#include "log/logger.hpp"

namespace rbamp::log {

/// Looks at JOURNAL_STREAM and stderr once. Does not block.
[[nodiscard]] std::unique_ptr<Sink> make_sink();

/// Whether JOURNAL_STREAM ("device:inode") means this file. A service may redirect stderr although the variable is inherited.
[[nodiscard]] bool is_journal_stream(std::string_view journal_stream, const struct stat& file) noexcept;

}  // namespace rbamp::log
