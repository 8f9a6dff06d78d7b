// The ledger as it was before its schema was upgraded, kept beside it: the way back for a program that does not know the new schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/attendant.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

/// Copies `ledger`, whose schema is `schema`, to PATH.schema-N, with its mode, and removes the copies of other schemas, of which only
/// the newest is kept. A file of that name is always whole, and on the disk before this returns. One that holds the same already is
/// left as it is, so that an upgrade that fails again and again does not write the ledger each time, and one that ended between two
/// steps keeps the copy from before the first; any other gives way to the new one. Returns its path. Blocks for the whole copy; `keep_going` as in renew_copy().
/// Throws Failure: ledger_full when there is no room for the copy and for as much again, which the upgrade may need; cancelled.
std::string keep_schema_copy(Connection& ledger, std::int64_t schema, const KeepGoing& keep_going);

/// The copy of exactly that schema beside a ledger.
[[nodiscard]] std::optional<std::string> find_schema_copy(const std::string& ledger_path, std::int64_t schema);

/// What a start that was killed in the middle of a copy has left. Best effort.
void remove_unfinished_schema_copies(const std::string& ledger_path);

}  // namespace rbamp::storage
