// A consistent copy of a ledger while it is written.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.hpp"
#include "storage/attendant.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

/// Copies by way of PATH.part, which is synced and renamed: a file at `path` is always whole. `path` must not exist.
/// Without `mode` the umask of who runs this decides who may read the copy.
/// Blocks for the whole copy; the writer goes on, and its log grows meanwhile. Throws Failure.
void copy_ledger(Connection& from, const std::string& path, std::optional<mode_t> mode = std::nullopt);

/// The same for a copy that takes the place of an older one, which stays until the new one is whole. `keep_going` is asked while this
/// blocks, first on the calling thread; an empty one never is. Throws Failure, cancelled after a false.
void renew_copy(Connection& from, const std::string& path, mode_t mode, const KeepGoing& keep_going);

/// "PATH.part": what a copy is called until it is whole.
[[nodiscard]] std::string unfinished_copy(const std::string& path);

/// The same for a program that is not the daemon, through a read-only connection of its own.
/// Errors: ledger_io when `path` exists, and those of reading and writing.
[[nodiscard]] Result<void> backup_ledger(const std::string& ledger_path, const std::string& path);

/// True when the ledger at `path` is of an earlier version of rbampd.
/// Errors: ledger_damaged when it is no ledger, ledger_newer, and those of reading.
[[nodiscard]] Result<bool> is_of_earlier_schema(const std::string& path);

/// As backup_ledger() for such a ledger, which stays as it is; the copy has today's schema. It is not verified.
[[nodiscard]] Result<void> copy_upgraded(const std::string& ledger_path, const std::string& path);

}  // namespace rbamp::storage
