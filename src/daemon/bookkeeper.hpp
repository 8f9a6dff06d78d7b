// Joins the fleet to the ledger and the ledger to the outputs: books what was closed, commits it on the storage worker, and
// publishes only what is durable. While the disk refuses, everything waits here, in order and in bounded memory.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "metering/accounting.hpp"
#include "metering/correction.hpp"
#include "metering/ledger.hpp"
#include "metering/output.hpp"

namespace rbamp::daemon {

class Bookkeeper final : public metering::Accounting {
 public:
  /// `ledger` is used only in jobs of `executor`, but for last_gc_tick(), which is read here once. All must outlive this object.
  /// `unusable` is called, once, when the ledger says that only opening it anew can help: it is damaged, or its file is gone. The
  /// program should end at once, without another latch: what was not booked is still in the modules.
  Bookkeeper(
      metering::Ledger& ledger, loop::Executor& executor, loop::Scheduler& scheduler, metering::Output& output, log::Logger& log,
      std::function<void()> unusable = [] {});

  struct Correction {
    metering::Account account;  ///< as it is after the line
    metering::Closing closing;
  };

  void open(metering::AccountRequest request, std::function<void(Result<metering::Account>)> done) override;
  void arm(std::vector<metering::ArmedLatch> latches, Done done) override;
  void book(std::vector<metering::ModuleReport> reports, std::uint16_t last_gc_tick, Done durable) override;
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return last_gc_tick_; }

  /// A correction that a person asks for, of a place whose account is open. `done` gets the line when it is durable.
  /// Errors: request_invalid (no such place is metered now, or metering::correct refuses), with nothing booked.
  void correct(const std::string& place_id, const metering::CorrectionRequest& request, const metering::Instant& now,
               std::function<void(Result<Correction>)> done);

  /// Tells an output that came later the registers, when all of them are durable; else the commit that is under way tells them.
  void announce(metering::Output& output) const;

  /// Empty, or what is wrong with the ledger now.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// When the last transaction became durable; none since the start.
  [[nodiscard]] std::optional<UtcTime> last_commit() const { return last_commit_; }
  [[nodiscard]] const std::map<metering::PlaceKey, metering::Account>& accounts() const { return accounts_; }
  /// Transactions that wait for the disk.
  [[nodiscard]] std::size_t backlog() const { return queue_.size(); }

 private:
  struct Entry {
    metering::RoundCommit commit;
    std::vector<metering::CommittedModule> published;
    std::vector<Done> durable;
  };

  void commit_next();
  bool is_beyond_repair(const Error& error);
  void committed(const Result<void>& result);
  void bound_backlog();
  void log_closing(const metering::Account& account, const metering::Closing& closing) const;
  void maintain_now_and_then();

  metering::Ledger& ledger_;
  loop::Executor& executor_;
  loop::Scheduler& scheduler_;
  metering::Output& output_;
  log::Logger& log_;
  std::function<void()> unusable_;
  bool is_unusable_ = false;
  std::uint16_t last_gc_tick_;
  std::map<metering::PlaceKey, metering::Account> accounts_;
  std::deque<Entry> queue_;
  bool is_committing_ = false;
  std::optional<UtcTime> last_commit_;
  std::string problem_;
  BootTime problem_since_{};
  Microseconds retry_pause_{};
  BootTime last_maintained_{};
  loop::Timer retry_timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
