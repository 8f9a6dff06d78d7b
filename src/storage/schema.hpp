// The steps that make the database's tables, oldest first, and how a file is brought up to date.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "storage/database.hpp"

namespace rbamp::storage {

/// "rBmA": what `file` and SQLite show as the application of the database.
inline constexpr std::int64_t application_id = 0x72426D41;

/// One file of schema/, number = position + 1 = the user_version after it.
[[nodiscard]] std::span<const std::string_view> schema_steps();

/// Called with the schema of a ledger that has one, before the first step changes it. What it throws ends the upgrade.
using BeforeUpgrade = std::function<void(Connection& connection, std::int64_t schema)>;

/// Failure with ledger_newer when the file is of a later version than one that knows `steps`. Only reads.
void refuse_later_schema(Connection& connection, std::span<const std::string_view> steps);

/// Runs the steps that `connection` lacks, each in one transaction together with its user_version, so that an interrupted
/// upgrade goes on where it stopped. Throws Failure: ledger_newer when the file is of a later version.
void upgrade(Connection& connection, std::span<const std::string_view> steps, const BeforeUpgrade& before = {});

/// Failure with ledger_damaged (give_up) when the file is no ledger, ledger_newer when it is of a later version. Returns its schema.
std::int64_t require_ledger(Connection& connection);

/// For connections that only read: Failure with ledger_damaged (give_up) when the file is no ledger, ledger_newer when it is of a
/// later version, ledger_io (give_up) when it waits for an upgrade, which the daemon makes.
void require_known_schema(Connection& connection);

}  // namespace rbamp::storage
