#include "storage/schema_copy.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "storage/backup.hpp"
#include "storage/files.hpp"

namespace rbamp::storage {
namespace {

namespace fs = std::filesystem;

constexpr const char* mark = ".schema-";

std::string path_of(const std::string& ledger_path, std::int64_t schema) { return ledger_path + mark + std::to_string(schema); }

/// "energy.db.schema-12REST" gives REST; nullopt for other names.
std::optional<std::string> after_number(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  const auto rest = name.find_first_not_of("0123456789", prefix.size());
  if (rest == prefix.size()) return std::nullopt;
  return rest == std::string::npos ? std::string{} : name.substr(rest);
}

/// Every PATH.schema-N that ends with one of these. A name that only looks alike is somebody else's.
std::vector<fs::path> files_of(const std::string& ledger_path, std::initializer_list<std::string> endings) {
  const fs::path ledger{ledger_path};
  const std::string prefix = ledger.filename().string() + mark;
  std::vector<fs::path> found;
  std::error_code ignored;
  for (fs::directory_iterator entry{ledger.has_parent_path() ? ledger.parent_path() : ".", ignored};
       !ignored && entry != fs::directory_iterator{}; entry.increment(ignored)) {
    const auto rest = after_number(entry->path().filename().string(), prefix);
    if (rest && std::find(endings.begin(), endings.end(), *rest) != endings.end()) found.push_back(entry->path());
  }
  return found;
}

/// What every round and every event changes.
std::string contents(Connection& ledger) {
  return ledger.text(
      "SELECT hex(ledger_id) || ' ' || (SELECT ifnull(max(id), 0) FROM rounds) || ' ' || (SELECT ifnull(max(id), 0) FROM events) "
      "|| ' ' || (SELECT ifnull(max(id), 0) FROM resets) FROM book");
}

/// A copy that is of this schema or, when an upgrade ended between two steps, of the one that it began with.
std::optional<std::string> find_same(Connection& ledger, std::int64_t schema) {
  for (const auto& path : files_of(ledger.path(), {""})) {
    const auto is_same = caught([&] {
      Connection copy{path.string(), Connection::Access::read_only};
      const auto its = copy.integer("PRAGMA user_version").value_or(0);
      return its <= schema && path == fs::path{path_of(ledger.path(), its)} && contents(copy) == contents(ledger);
    });
    if (is_same.value_or(false)) return path.string();
  }
  return std::nullopt;
}

/// With what SQLite may have made beside them: a copy of a person's own may have a log.
void remove_all_but(const std::string& kept, const std::string& ledger_path) {
  std::error_code ignored;
  for (const auto& copy : files_of(ledger_path, {"", "-wal", "-shm"})) {
    if (copy != fs::path{kept}) fs::remove(copy, ignored);
  }
}

/// A copy that left no room for the upgrade, and for the rounds after it, would stop what it is to protect.
void require_room(Connection& ledger) {
  const auto bytes = static_cast<std::uintmax_t>(ledger.integer("PRAGMA page_count").value_or(0) *
                                                 ledger.integer("PRAGMA page_size").value_or(0));
  std::error_code code;
  const auto space = fs::space(ledger.path(), code);
  if (code || space.available >= 2 * bytes) return;
  throw Failure{Error{Errc::ledger_full, Remedy::wait,
                      std::to_string(2 * bytes >> 20U) + " MB would have to be free on its file system, " +
                          std::to_string(space.available >> 20U) + " MB are"}};
}

}  // namespace

std::string keep_schema_copy(Connection& ledger, std::int64_t schema, const KeepGoing& keep_going) {
  auto kept = find_same(ledger, schema);
  if (!kept) {
    kept = path_of(ledger.path(), schema);
    require_room(ledger);
    renew_copy(ledger, *kept, mode_of(ledger.path()), keep_going);
  }
  remove_all_but(*kept, ledger.path());
  return *kept;
}

std::optional<std::string> find_schema_copy(const std::string& ledger_path, std::int64_t schema) {
  auto path = path_of(ledger_path, schema);
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return std::nullopt;
  return path;
}

void remove_unfinished_schema_copies(const std::string& ledger_path) {
  std::error_code ignored;
  for (const auto& part : files_of(ledger_path, {".part", ".part-journal"})) fs::remove(part, ignored);
}

}  // namespace rbamp::storage
