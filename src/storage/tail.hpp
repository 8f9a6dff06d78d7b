// Closings that are newer than the stored registers: read at the start, and out of a damaged file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/books.hpp"
#include "storage/closing_reader.hpp"
#include "storage/database.hpp"
#include "storage/registry.hpp"

namespace rbamp::storage {

/// Closings after `mark`, in ledger order, as `read_closing` expects them. One parameter: the mark.
[[nodiscard]] const std::string& tail_query();

/// Books one closing after the mark. Returns what is wrong when it does not follow from those before; nothing is changed then.
/// Throws Failure when it names a host boot that is not there.
[[nodiscard]] std::optional<std::string> follow(Books& books, Registry& registry, const ReadClosing& closing);

/// How the newest closings up to `mark` contradict the registers as of `mark`: a mark or a register of another time. Nothing
/// when they agree. Blocks for the disk; throws Failure.
[[nodiscard]] std::optional<std::string> contradiction(Connection& connection, const Books& books, std::int64_t mark);

}  // namespace rbamp::storage
