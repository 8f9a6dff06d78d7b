#include "storage/backup.hpp"

#include <filesystem>

#include "storage/files.hpp"
#include "storage/read_connection.hpp"
#include "storage/schema.hpp"

namespace rbamp::storage {

void copy_ledger(Connection& from, const std::string& path, std::optional<mode_t> mode) {
  std::error_code code;
  if (std::filesystem::exists(path, code)) {
    throw Failure{Error{Errc::ledger_io, Remedy::give_up, "the backup file " + path + " exists already; name a new one"}};
  }
  const std::string part = unfinished_copy(path);
  std::filesystem::remove(part, code);  // of a copy that was interrupted
  try {
    if (mode) {
      if (auto made = make_file(part, *mode); !made) throw Failure{made.error()};
    }
    from.copy_to(part);
  } catch (const Failure&) {
    std::filesystem::remove(part, code);
    throw;
  }
  if (auto moved = move_into_place(part, path); !moved) throw Failure{moved.error()};
}

std::string unfinished_copy(const std::string& path) { return path + ".part"; }

Result<void> backup_ledger(const std::string& ledger_path, const std::string& path) {
  return caught([&] {
    const auto from = open_to_read(ledger_path);
    require_known_schema(*from);  // SQLite copies any database, an empty one too
    copy_ledger(*from, path);
  });
}

}  // namespace rbamp::storage
