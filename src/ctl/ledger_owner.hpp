// Root that changes a ledger does it as the ledger's owner.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace rbamp::ctl {

/// While this lives, a process of root has the user and group of the file (or, when it is missing, of its folder): what is made
/// beside the ledger then belongs to the daemon's user, who must be able to open it. For any other user nothing happens.
/// For programs with one thread.
class LedgerOwner {
 public:
  /// Error ledger_readonly: the owner cannot be found out or taken on.
  [[nodiscard]] static Result<LedgerOwner> of(const std::string& ledger_path);

  LedgerOwner(LedgerOwner&& other) noexcept;
  LedgerOwner& operator=(LedgerOwner&&) = delete;
  LedgerOwner(const LedgerOwner&) = delete;
  LedgerOwner& operator=(const LedgerOwner&) = delete;
  ~LedgerOwner();

  [[nodiscard]] uid_t user() const { return user_; }
  [[nodiscard]] gid_t group() const { return group_; }

 private:
  LedgerOwner(uid_t user, gid_t group, bool is_taken_on) : user_(user), group_(group), is_taken_on_(is_taken_on) {}

  uid_t user_;
  gid_t group_;
  bool is_taken_on_;
};

}  // namespace rbamp::ctl
