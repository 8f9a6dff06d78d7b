#include "storage/backup.hpp"

#include <filesystem>

#include "storage/files.hpp"

namespace rbamp::storage {

void copy_ledger(Connection& from, const std::string& path) {
  std::error_code code;
  if (std::filesystem::exists(path, code)) {
    throw Failure{Error{Errc::ledger_io, Remedy::give_up, "the backup file " + path + " exists already; name a new one"}};
  }
  const std::string part = path + ".part";
  std::filesystem::remove(part, code);  // of a copy that was interrupted
  try {
    from.copy_to(part);
  } catch (const Failure&) {
    std::filesystem::remove(part, code);
    throw;
  }
  if (auto moved = move_into_place(part, path); !moved) throw Failure{moved.error()};
}

Result<void> backup_ledger(const std::string& ledger_path, const std::string& path) {
  return caught([&] {
    Connection from{ledger_path, Connection::Access::read_only};
    copy_ledger(from, path);
  });
}

}  // namespace rbamp::storage
