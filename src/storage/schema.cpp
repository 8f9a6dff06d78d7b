#include "storage/schema.hpp"

#include <string>

#include "storage/schema_copy.hpp"

namespace rbamp::storage {

namespace {

/// Where the upgrade kept a copy that this program knows, restoring it is the shortest way; docs/operations.md has what that means.
std::string way_back(const std::string& path, std::int64_t known) {
  const auto copy = find_schema_copy(path, known);
  if (!copy) return "restore a backup made before it";
  return "go back to the copy that was kept before the upgrade, while rbampd is stopped: rbampctl restore " + *copy;
}

[[noreturn]] void refuse_newer(const std::string& path, std::int64_t found, std::int64_t known) {
  throw Failure{Error{Errc::ledger_newer, Remedy::give_up,
                      "the ledger " + path + " was written by a later version of rbampd (schema " + std::to_string(found) +
                          ", this one knows " + std::to_string(known) + "): install that version again, or " +
                          way_back(path, known)}};
}

}  // namespace

void refuse_later_schema(Connection& connection, std::span<const std::string_view> steps) {
  const auto found = connection.integer("PRAGMA user_version").value_or(0);
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (found > newest) refuse_newer(connection.path(), found, newest);
}

void upgrade(Connection& connection, std::span<const std::string_view> steps, const BeforeUpgrade& before) {
  refuse_later_schema(connection, steps);
  const auto found = connection.integer("PRAGMA user_version").value_or(0);
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (before && found > 0 && found < newest) before(connection, found);
  for (std::int64_t step = found; step < newest; ++step) {
    Transaction transaction{connection};
    connection.execute(std::string{steps[static_cast<std::size_t>(step)]});
    connection.execute("PRAGMA application_id = " + std::to_string(application_id));
    connection.execute("PRAGMA user_version = " + std::to_string(step + 1));
    transaction.commit();
  }
}

std::int64_t require_ledger(Connection& connection) {
  if (connection.integer("PRAGMA application_id") != application_id) {
    throw Failure{Error{Errc::ledger_damaged, Remedy::give_up, connection.path() + " is not a ledger of rbampd"}};
  }
  refuse_later_schema(connection, schema_steps());
  return connection.integer("PRAGMA user_version").value_or(0);
}

void require_known_schema(Connection& connection) {
  const auto found = require_ledger(connection);
  if (found < static_cast<std::int64_t>(schema_steps().size())) {
    throw Failure{Error{Errc::ledger_io, Remedy::give_up,
                        "the ledger " + connection.path() + " is of an earlier version (schema " + std::to_string(found) +
                            "); start rbampd once, which upgrades it; if it is a backup, rbampctl restore does"}};
  }
}

}  // namespace rbamp::storage
