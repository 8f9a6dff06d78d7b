#include "storage/backup.hpp"

#include <atomic>
#include <filesystem>
#include <functional>

#include "storage/files.hpp"
#include "storage/read_connection.hpp"
#include "storage/schema.hpp"

namespace rbamp::storage {

namespace {

/// The journal is what SQLite keeps while it writes: a process that was killed leaves it.
void remove_unfinished(const std::string& part) {
  std::error_code ignored;
  for (const char* suffix : {"", "-journal"}) std::filesystem::remove(part + suffix, ignored);
}

void write_copy(Connection& from, const std::string& path, std::optional<mode_t> mode, const std::function<bool()>& keep_going) {
  const std::string part = unfinished_copy(path);
  remove_unfinished(part);  // of a copy that was interrupted
  try {
    if (mode) {
      if (auto made = make_file(part, *mode); !made) throw Failure{made.error()};
    }
    from.copy_to(part, keep_going);
  } catch (const Failure&) {
    remove_unfinished(part);
    throw;
  }
  if (auto moved = move_into_place(part, path); !moved) throw Failure{moved.error()};
}

}  // namespace

void copy_ledger(Connection& from, const std::string& path, std::optional<mode_t> mode) {
  std::error_code code;
  if (std::filesystem::exists(path, code)) {
    throw Failure{Error{Errc::ledger_io, Remedy::give_up, "the backup file " + path + " exists already; name a new one"}};
  }
  write_copy(from, path, mode, {});
}

void renew_copy(Connection& from, const std::string& path, mode_t mode, const KeepGoing& keep_going) {
  if (!keep_going) return write_copy(from, path, mode, {});
  if (!keep_going()) throw Failure{Error{Errc::cancelled, Remedy::give_up, "told to stop before copying " + from.path()}};
  // The pages are copied in steps, but writing them to the disk is one, which takes the longest.
  std::atomic<bool> is_told_to_stop = false;
  const Attendant attendant{keep_going, [&] { is_told_to_stop = true; }};
  write_copy(from, path, mode, [&] { return !is_told_to_stop; });
}

std::string unfinished_copy(const std::string& path) { return path + ".part"; }

Result<void> backup_ledger(const std::string& ledger_path, const std::string& path) {
  return caught([&] {
    const auto from = open_to_read(ledger_path);
    require_known_schema(*from);  // SQLite copies any database, an empty one too
    copy_ledger(*from, path);
  });
}

Result<bool> is_of_earlier_schema(const std::string& path) {
  return caught([&] {
    const auto ledger = open_to_read(path);
    return require_ledger(*ledger) < static_cast<std::int64_t>(schema_steps().size());
  });
}

Result<void> copy_upgraded(const std::string& ledger_path, const std::string& path) {
  return caught([&] {
    {
      const auto from = open_to_read(ledger_path);
      require_ledger(*from);
      copy_ledger(*from, path);
    }
    Connection copy{path, Connection::Access::read_write};
    upgrade(copy, schema_steps());
  });
}

}  // namespace rbamp::storage
