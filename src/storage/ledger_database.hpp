// The database that a ledger is kept in: how it is opened, before anything is read from it.
#pragma once

#include <cstdint>
#include <memory>

#include "storage/database.hpp"
#include "storage/files.hpp"
#include "storage/schema.hpp"
#include "storage/settings.hpp"

namespace rbamp::storage {

// 512: a round changes a handful of bytes in each of a dozen tables, and the log takes whole pages. Measured against 1024 and
// 4096 in docs/decisions/storage-rows.md.
inline constexpr std::uint32_t page_bytes = 512;

/// Opens or makes the file with our page size, log and sync settings, and brings the schema up to date. A new file gets an id of
/// its own, and `mode`; one of an earlier schema is handed to `before` first. Blocks for the disk; throws Failure.
[[nodiscard]] std::unique_ptr<Connection> open_database(const Settings& settings, mode_t mode = usual_mode,
                                                        const BeforeUpgrade& before = {});

}  // namespace rbamp::storage
