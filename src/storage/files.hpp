// What storage/ does with files apart from SQLite: look at them, lock them, replace them, set them aside.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace rbamp::storage {

/// What stands at the path of the ledger, judged by its first 100 bytes, without opening it as a database.
enum class FileKind {
  missing,
  empty,         ///< no byte: never written, or emptied by a repair of the file system
  ledger,        ///< an SQLite database that carries our application id
  new_database,  ///< an SQLite database without application id: interrupted before the first table, or somebody else's
  foreign,       ///< another program's database
  unrecognised,  ///< not an SQLite database
};

/// Blocks for the disk. Errors: ledger_readonly (may not be read or written, or no regular file), ledger_io.
[[nodiscard]] Result<FileKind> inspect(const std::string& path);

/// The mode of a ledger and of what is kept beside it, whatever the umask: members of the group rbampd may read. A file that the
/// owner gave another one keeps it, and what replaces it gets the same.
inline constexpr mode_t usual_mode = 0640;
/// The permissions of a file; usual_mode where there is none.
[[nodiscard]] mode_t mode_of(const std::string& path);
/// Makes an empty file with exactly this mode; leaves one that is there. SQLite gives -wal and -shm the mode of the database.
/// Errors: ledger_full, ledger_readonly, ledger_io.
[[nodiscard]] Result<void> make_file(const std::string& path, mode_t mode);

/// Makes the folder of `path` (0750) when only its last part is missing. Errors: ledger_readonly, ledger_io with what to do.
[[nodiscard]] Result<void> prepare_folder(const std::string& path);

/// Keeps a second rbampd away. Readers and `sqlite3` are not affected: the lock is on a file of its own. Released with the
/// value. Errors: ledger_busy, ledger_readonly, ledger_io.
[[nodiscard]] Result<Fd> lock_ledger(const std::string& path);

/// Writes beside and renames, with fsync of file and folder. Errors: ledger_full, ledger_readonly, ledger_io.
[[nodiscard]] Result<void> replace_file(const std::string& path, const std::string& content, mode_t mode);
/// Syncs a finished file and gives it its name. Errors: ledger_full, ledger_readonly, ledger_io.
[[nodiscard]] Result<void> move_into_place(const std::string& from, const std::string& to);
/// nullopt when there is no such file.
[[nodiscard]] Result<std::optional<std::string>> read_file(const std::string& path);

/// Renames the database and its -wal to PATH.damaged-20260105T090000Z[-wal]; a suffix keeps names unique. Nothing is deleted but
/// the -shm, which is only an index. Keeps the newest `kept` such files and removes older ones. Returns the new path.
[[nodiscard]] Result<std::string> set_aside(const std::string& path, UtcTime now, std::size_t kept);

/// True when the file is shorter than its header says. After damage, or because a power cut ended the copying of the log: then the
/// log still has what is missing. To be asked before SQLite opens the file.
[[nodiscard]] bool is_cut_off(const std::string& path);
/// Makes a database that was cut off as long again as its header says, with zeros: SQLite refuses to read any page of a file that
/// is too short, also those that are there. Does nothing when the header is no help. Best effort, for files that were set aside.
void lengthen(const std::string& path);

/// A mark beside the database, PATH.suspect: damage was met while running.
enum class Suspicion {
  none,
  pages,  ///< SQLite or the medium said so: every page must be looked at
  rows,   ///< pages are whole, but what they say is wrong: nothing more to look at
};
[[nodiscard]] Suspicion suspicion(const std::string& path);
/// Best effort: the disk may be the reason. Without the mark the next start only looks at what each round depends on.
void mark_suspect(const std::string& path, Suspicion suspicion);

}  // namespace rbamp::storage
