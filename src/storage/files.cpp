#include "storage/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "storage/schema.hpp"

namespace rbamp::storage {
namespace {

namespace fs = std::filesystem;

constexpr mode_t folder_mode = 0750;
constexpr std::size_t header_size = 100;
constexpr std::size_t page_size_offset = 16;
constexpr std::size_t page_count_offset = 28;
constexpr std::size_t application_id_offset = 68;
constexpr std::uint64_t longest_ledger = std::uint64_t{64} << 30U;  // a greater length is a damaged header
constexpr std::string_view rows_mark{"rows\n"};
constexpr std::string_view magic{"SQLite format 3\0", 16};

tl::unexpected<Error> system_failure(const std::string& what, int number) {
  const std::string words = what + ": " + std::generic_category().message(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT: return failure(Errc::ledger_full, Remedy::wait, words + "; free some space on that file system");
    case EACCES:
    case EPERM:
    case EROFS:
      return failure(Errc::ledger_readonly, Remedy::give_up, words + "; make it writable for the user that runs rbampd");
    case EIO: return failure(Errc::ledger_io, Remedy::wait, words);  // the next try may be answered
    default: return failure(Errc::ledger_io, Remedy::give_up, words);
  }
}

std::string folder_of(const std::string& path) {
  const auto parent = fs::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

Result<void> sync_folder(const std::string& path) {
  const Fd folder{::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.is_open() || ::fsync(folder.get()) != 0) return system_failure("cannot sync the folder " + folder_of(path), errno);
  return {};
}

Result<void> write_all(const Fd& file, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("cannot write " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// What open() gives is cut by the umask, and the service's is 0077. A file system without owners (a USB stick) refuses, and has its
/// own rule for all files.
void set_mode(const Fd& file, mode_t mode) { (void)::fchmod(file.get(), mode); }

FileKind judge(std::string_view header) {
  if (header.empty()) return FileKind::empty;
  if (header.substr(0, magic.size()) != magic) return FileKind::unrecognised;
  if (header.size() < header_size) return FileKind::unrecognised;
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = (id << 8U) | static_cast<unsigned char>(header[application_id_offset + i]);
  if (id == static_cast<std::uint32_t>(application_id)) return FileKind::ledger;
  return id == 0 ? FileKind::new_database : FileKind::foreign;
}

/// The length that the header of one of our files promises, when the file is shorter.
std::optional<off_t> missing_length(const Fd& file) {
  std::array<char, header_size> header{};
  if (!file.is_open() || ::pread(file.get(), header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) return {};
  if (judge({header.data(), header.size()}) != FileKind::ledger) return {};
  const auto big_endian = [&header](std::size_t offset, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = (value << 8U) | static_cast<unsigned char>(header[offset + i]);
    return value;
  };
  const std::uint64_t length = big_endian(page_size_offset, 2) * big_endian(page_count_offset, 4);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) >= length || length > longest_ledger)
    return {};
  return static_cast<off_t>(length);
}

std::string compact(UtcTime when) {
  std::string text = std::to_string(when.time_since_epoch().count() / 1'000'000);
  std::array<char, 32> buffer{};
  const auto seconds = static_cast<time_t>(when.time_since_epoch().count() / 1'000'000);
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) != nullptr && std::strftime(buffer.data(), buffer.size(), "%Y%m%dT%H%M%SZ", &parts) > 0)
    text = buffer.data();
  return text;
}

void remove_oldest(const std::string& path, std::size_t kept) {
  const std::string prefix = fs::path{path}.filename().string() + ".damaged-";
  std::vector<fs::path> found;
  std::error_code ignored;
  for (fs::directory_iterator entry{folder_of(path), ignored}; !ignored && entry != fs::directory_iterator{};
       entry.increment(ignored)) {
    const auto name = entry->path().filename().string();
    if (name.starts_with(prefix) && !name.ends_with("-wal")) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());  // the time stamp sorts by age
  for (std::size_t i = 0; i + kept < found.size(); ++i) {
    fs::remove(found[i], ignored);
    fs::remove(found[i].string() + "-wal", ignored);
  }
}

}  // namespace

Result<FileKind> inspect(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return FileKind::missing;
    return system_failure("cannot look at the ledger " + path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return failure(Errc::ledger_readonly, Remedy::give_up,
                   "storage.path names " + path + ", which is not a file; name a file in a folder that rbampd may write");
  }
  // Read and closed before SQLite opens the file: closing any descriptor of it drops SQLite's locks.
  const Fd file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (!file.is_open()) return system_failure("cannot open the ledger " + path, errno);
  std::array<char, header_size> header{};
  const auto got = ::pread(file.get(), header.data(), header.size(), 0);
  if (got < 0) return system_failure("cannot read the ledger " + path, errno);
  return judge({header.data(), static_cast<std::size_t>(got)});
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : usual_mode;
}

Result<void> make_file(const std::string& path, mode_t mode) {
  const Fd file{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
  if (!file.is_open()) {
    if (errno == EEXIST) return {};
    return system_failure("cannot make " + path, errno);
  }
  set_mode(file, mode);
  return {};
}

Result<void> prepare_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  std::error_code code;
  if (!fs::exists(folder, code)) {
    const std::string above = folder_of(folder);
    if (!fs::exists(above, code)) {
      return failure(Errc::ledger_readonly, Remedy::give_up,
                     "the folder of the ledger " + path + " does not exist, and neither does " + above +
                         "; make it, or change storage.path");
    }
    if (::mkdir(folder.c_str(), folder_mode) != 0)
      return system_failure("cannot make the folder " + folder + " for the ledger", errno);
    (void)::chmod(folder.c_str(), folder_mode);
  }
  if (!fs::is_directory(folder, code))
    return failure(Errc::ledger_readonly, Remedy::give_up, folder + " is not a folder; change storage.path");
  // SQLite makes its log beside the database.
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return system_failure("cannot write to the folder of the ledger, " + folder, errno);
  return {};
}

Result<Fd> lock_ledger(const std::string& path) {
  const std::string name = path + ".lock";
  Fd file{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
  if (!file.is_open()) return system_failure("cannot make " + name, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return failure(Errc::ledger_busy, Remedy::wait,
                     "another rbampd uses the ledger " + path + "; stop it, or give this one its own storage.path");
    }
    return system_failure("cannot lock " + name, errno);
  }
  return file;
}

Result<void> replace_file(const std::string& path, const std::string& content, mode_t mode) {
  const std::string beside = path + ".new";
  {
    const Fd file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
    if (!file.is_open()) return system_failure("cannot write " + beside, errno);
    set_mode(file, mode);
    auto written = write_all(file, beside, content);
    if (written && ::fsync(file.get()) != 0) written = system_failure("cannot write " + beside, errno);
    if (!written) {
      ::unlink(beside.c_str());
      return written;
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return system_failure("cannot replace " + path, errno);
  return sync_folder(path);
}

Result<void> move_into_place(const std::string& from, const std::string& to) {
  {
    const Fd file{::open(from.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open() || ::fsync(file.get()) != 0) return system_failure("cannot sync " + from, errno);
  }
  if (::rename(from.c_str(), to.c_str()) != 0) return system_failure("cannot rename " + from + " to " + to, errno);
  return sync_folder(to);
}

Result<std::optional<std::string>> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) {
    if (errno == ENOENT) return std::optional<std::string>{};
    return system_failure("cannot read " + path, errno);
  }
  std::ostringstream text;
  text << file.rdbuf();
  return std::optional<std::string>{text.str()};
}

Result<std::string> set_aside(const std::string& path, UtcTime now, std::size_t kept) {
  const std::string base = path + ".damaged-" + compact(now);
  std::string target = base;
  std::error_code code;
  for (int number = 2; fs::exists(target, code); ++number) target = base + "." + std::to_string(number);
  // The log first: between the two renames the database is there without its log, never a log without its database, which
  // SQLite would take for the log of the next file of this name.
  if (::rename((path + "-wal").c_str(), (target + "-wal").c_str()) != 0 && errno != ENOENT) {
    return system_failure("cannot set aside " + path + "-wal", errno);
  }
  if (::rename(path.c_str(), target.c_str()) != 0 && errno != ENOENT) return system_failure("cannot set aside " + path, errno);
  ::unlink((path + "-shm").c_str());
  if (auto synced = sync_folder(path); !synced) return failure(synced.error());
  remove_oldest(path, kept);
  return target;
}

bool is_cut_off(const std::string& path) { return missing_length(Fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}).has_value(); }

void lengthen(const std::string& path) {
  const Fd file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  const auto length = missing_length(file);
  if (length && ::ftruncate(file.get(), *length) != 0) return;  // the daily snapshot remains
}

Suspicion suspicion(const std::string& path) {
  const auto text = read_file(path + ".suspect");
  if (!text || !*text) return Suspicion::none;
  return **text == rows_mark ? Suspicion::rows : Suspicion::pages;
}

void mark_suspect(const std::string& path, Suspicion suspicion) {
  const std::string name = path + ".suspect";
  if (suspicion == Suspicion::none) {
    ::unlink(name.c_str());
    return;
  }
  const Fd file{::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)};
  if (file.is_open() && suspicion == Suspicion::rows) (void)write_all(file, name, rows_mark);
}

}  // namespace rbamp::storage
