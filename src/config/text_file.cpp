#include "config/text_file.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/fd.hpp"

namespace rbamp::config {
namespace {

/// Nobody writes that much; a wrong file name (a database, /dev/zero) should not fill the memory.
constexpr std::size_t largest_file = std::size_t{1} << 20U;

std::string user_name() {
  const auto uid = geteuid();
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(uid);
}

tl::unexpected<Error> refuse(std::string words) { return failure(Errc::config_invalid, Remedy::give_up, std::move(words)); }

}  // namespace

std::string explain_unreadable(const std::string& path, int error, const std::string& user) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return "there is no such file";
    case EISDIR: return "this is a folder, not a file";
    case EACCES:
    case EPERM:
      return "user \"" + user + "\" may not read this file: give it to group \"rbampd\" (chgrp rbampd " + path + "; chmod 640 " +
             path + ") and run as a member of that group";
    default: return "cannot be read: " + std::system_category().message(error);
  }
}

Result<FileText> read_file(const std::string& path) {
  const Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (!file.is_open()) {
    const int error = errno;  // looking up the user changes it
    if (error == ENOENT) return FileText{false, {}};
    return refuse(explain_unreadable(path, error, user_name()));
  }
  FileText content;
  std::array<char, 16384> part{};
  for (;;) {
    const auto got = read(file.get(), part.data(), part.size());
    const int error = errno;
    if (got < 0 && error == EINTR) continue;
    if (got < 0) return refuse(explain_unreadable(path, error, user_name()));
    if (got == 0) return content;
    content.text.append(part.data(), static_cast<std::size_t>(got));
    if (content.text.size() > largest_file) return refuse("this file is larger than 1 MiB: it is no configuration");
  }
}

}  // namespace rbamp::config
