#include "storage/restore.hpp"

#include <filesystem>

#include "storage/files.hpp"
#include "storage/ledger_database.hpp"
#include "storage/salvage.hpp"

namespace rbamp::storage {
namespace {

namespace fs = std::filesystem;

// Each may be as large as the ledger.
constexpr std::size_t kept_damaged_files = 3;

std::string unfinished(const std::string& path) { return path + ".restoring"; }
/// A whole new ledger that waits for its name.
std::string finished(const std::string& path) { return path + ".restored"; }

void remove_database(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(path + suffix, ignored);
}

std::string exchange(const std::string& path, UtcTime now) {
  const auto aside = set_aside(path, now, kept_damaged_files);
  if (!aside) throw Failure{aside.error()};
  if (auto moved = move_into_place(finished(path), path); !moved) throw Failure{moved.error()};
  mark_suspect(path, Suspicion::none);
  std::error_code code;
  return fs::exists(*aside, code) ? *aside : std::string{};
}

std::vector<std::string> build(const Settings& settings, const std::optional<Snapshot>& snapshot, UtcTime now) {
  std::error_code code;
  const bool has_old = fs::exists(settings.path, code);
  if (has_old) lengthen(settings.path);
  Settings beside = settings;
  beside.path = unfinished(settings.path);
  const auto connection = open_database(beside, mode_of(settings.path));
  auto told = salvage_into(*connection, {has_old ? std::optional{settings.path} : std::nullopt, snapshot, now});
  if (!connection->truncate_log())
    throw Failure{Error{Errc::ledger_busy, Remedy::wait, "another program reads " + beside.path + ", which is being made"}};
  return told;
}

}  // namespace

Restored restore_ledger(const Settings& settings, const std::optional<Snapshot>& snapshot, UtcTime now) {
  Restored restored;
  const std::string beside = unfinished(settings.path);
  remove_database(beside);
  mark_suspect(settings.path, Suspicion::rows);  // decided: a next try need not find out again, nor take zeros for pages
  try {
    restored.told = build(settings, snapshot, now);
  } catch (const Failure&) {
    remove_database(beside);  // it may be what filled the disk
    throw;
  }
  std::error_code code;
  // What reading the damaged file made: a log where there was none.
  if (fs::file_size(settings.path + "-wal", code) == 0 && !code) fs::remove(settings.path + "-wal", code);
  if (auto moved = move_into_place(beside, finished(settings.path)); !moved) throw Failure{moved.error()};
  restored.aside = exchange(settings.path, now);
  return restored;
}

std::optional<std::string> finish_restore(const std::string& path, UtcTime now) {
  std::error_code code;
  remove_database(unfinished(path));
  if (!fs::exists(finished(path), code)) return std::nullopt;
  return exchange(path, now);
}

}  // namespace rbamp::storage
