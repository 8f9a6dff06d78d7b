// How a program that must not change a ledger opens it.
#pragma once

#include <memory>
#include <string>

#include "storage/database.hpp"

namespace rbamp::storage {

/// A read-only connection. SQLite wants to keep an index of the log beside the file even then; where this user may not write, and
/// no log is there, the file is read as one that nobody changes: a backup on a read-only medium, or the ledger of a daemon that
/// is not running. Throws Failure: ledger_readonly when the file may not be read, or when its log is there and cannot be used.
[[nodiscard]] std::unique_ptr<Connection> open_to_read(const std::string& path);

}  // namespace rbamp::storage
