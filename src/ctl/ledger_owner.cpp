#include "ctl/ledger_owner.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace rbamp::ctl {
namespace {

tl::unexpected<Error> refusal(const std::string& what, int number) {
  return failure(Errc::ledger_readonly, Remedy::give_up, what + ": " + std::generic_category().message(number));
}

}  // namespace

Result<LedgerOwner> LedgerOwner::of(const std::string& ledger_path) {
  struct stat status {};
  if (::stat(ledger_path.c_str(), &status) != 0) {
    const auto parent = std::filesystem::path{ledger_path}.parent_path().string();
    const std::string folder = parent.empty() ? "." : parent;
    if (::stat(folder.c_str(), &status) != 0) return refusal("cannot look at the folder " + folder + " of the ledger", errno);
  }
  if (::geteuid() != 0 || status.st_uid == 0) return LedgerOwner{status.st_uid, status.st_gid, false};
  // The group first: without root it could not be changed any more.
  if (::setegid(status.st_gid) != 0) return refusal("cannot take on the group of the ledger's owner", errno);
  if (::seteuid(status.st_uid) != 0) {
    const int number = errno;
    if (::setegid(::getgid()) != 0) return refusal("cannot give the group of the ledger's owner back", errno);
    return refusal("cannot take on the user of the ledger's owner", number);
  }
  return LedgerOwner{status.st_uid, status.st_gid, true};
}

LedgerOwner::LedgerOwner(LedgerOwner&& other) noexcept
    : user_(other.user_), group_(other.group_), is_taken_on_(std::exchange(other.is_taken_on_, false)) {}

LedgerOwner::~LedgerOwner() {
  if (!is_taken_on_) return;
  // Cannot fail for a process whose real user is root; if it did, going on with fewer rights is the safe side.
  if (::seteuid(::getuid()) == 0 && ::setegid(::getgid()) != 0) ::_exit(1);
}

}  // namespace rbamp::ctl
