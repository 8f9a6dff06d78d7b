// The ledger's file behind metering's port, for a process that dies while the file stays open.
#pragma once

#include <utility>

#include "metering/ledger.hpp"
#include "storage/ledger.hpp"

namespace rbamp::support {

/// One open file for all the lives of a house; each of them asks it anew.
class OpenFile final : public metering::Ledger {
 public:
  explicit OpenFile(storage::Ledger& file) : file_(file) {}
  Result<metering::Account> open_account(const metering::AccountRequest& request) override { return file_.open_account(request); }
  Result<void> arm(std::span<const metering::ArmedLatch> latches) override { return file_.arm(latches); }
  Result<void> commit(const metering::RoundCommit& round) override { return file_.commit(round); }
  std::uint16_t last_gc_tick() const override { return file_.last_gc_tick(); }
  Result<void> maintain(UtcTime now, bool trusted) override {
    auto done = file_.maintain(now, trusted);
    if (!done) return failure(std::move(done.error()));
    return {};
  }

 private:
  storage::Ledger& file_;
};

}  // namespace rbamp::support
