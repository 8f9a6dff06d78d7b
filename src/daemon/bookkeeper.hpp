// Joins the fleet to the ledger and the ledger to the outputs: books what was closed, commits it on the storage worker, and
// publishes only what is durable. While the disk refuses, everything waits here, in order and in bounded memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/backlog.hpp"
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
  /// A ledger that must be opened anew (it is damaged, or its file is gone) is, and what waits is stored as if nothing had been.
  /// `unusable` is called, once, when that does not help, or what waits does not fit to what was opened. The program should end at
  /// once, without another latch: of what was not booked the modules still have the newest.
  /// `problem_changed` is called when problem() begins, ends, or is another one.
  Bookkeeper(
      metering::Ledger& ledger, loop::Executor& executor, loop::Scheduler& scheduler, metering::Output& output, log::Logger& log,
      std::function<void()> unusable = [] {}, std::function<void()> problem_changed = [] {});

  /// A transaction that takes longer is a problem, and told: the disk hangs, which no error says.
  static constexpr Microseconds patience = std::chrono::minutes{2};

  struct Correction {
    metering::Account account;  ///< as it is after the line
    metering::Closing closing;
  };

  void open(metering::AccountRequest request, std::function<void(Result<metering::Account>)> done) override;
  void arm(std::vector<metering::ArmedLatch> latches, Done done) override;
  void book(std::vector<metering::ModuleReport> reports, std::uint16_t last_gc_tick, Done durable, Answer answer) override;
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return last_gc_tick_; }

  /// A correction that a person asks for, of a place whose account is open. `done` gets the line when it is durable.
  /// Errors: request_invalid (no such place is metered now, or metering::correct refuses), with nothing booked.
  void correct(const std::string& place_id, const metering::CorrectionRequest& request, const metering::Instant& now,
               std::function<void(Result<Correction>)> done);

  /// Tells an output that came later the registers as they are durable.
  void announce(metering::Output& output) const;

  /// Empty, or what is wrong with the ledger now.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// When the last transaction became durable; none since the start.
  [[nodiscard]] std::optional<UtcTime> last_commit() const { return last_commit_; }
  /// With registers as committed: without what waits for the disk.
  [[nodiscard]] const std::map<metering::PlaceKey, metering::Account>& accounts() const { return committed_; }
  /// Transactions that wait for the disk.
  [[nodiscard]] std::size_t backlog() const { return backlog_.size(); }
  /// What the ledger lacks when the process ends now, as a sentence for the log; empty when it lacks nothing.
  [[nodiscard]] std::string loss() const { return backlog_.loss(); }

 private:
  using Opened = std::function<void(Result<metering::Account>)>;
  struct Opening {
    metering::AccountRequest request;
    Opened done;
  };
  struct Arming {
    std::vector<metering::ArmedLatch> latches;
    Done done;
  };

  void open_accounts();
  void submit_opening(Opening opening);
  void opened(Opening opening, Result<metering::Account> account);
  [[nodiscard]] bool waits(const std::string& place_id) const;
  void armed(Arming arming, const Result<void>& result);
  void add(Backlog::Entry entry);
  void commit_next();
  void committed(const Result<void>& result);
  void tell_stall();
  void set_problem(const std::string& problem);
  void publish(const metering::ModuleCommit& module);
  void log_gap(const metering::Account& account, const metering::Closing& closing) const;
  void log_totals(const metering::Account& account, const metering::Closing& closing) const;
  void maintain_now_and_then();

  // A ledger that must be opened anew: bookkeeper_reopening.cpp.
  bool is_beyond_use(const Error& error);
  void reopen();
  void reopened(const Result<std::vector<metering::Account>>& accounts);
  void give_up(const Error& why);

  metering::Ledger& ledger_;
  loop::Executor& executor_;
  loop::Scheduler& scheduler_;
  metering::Output& output_;
  log::Logger& log_;
  std::function<void()> unusable_;
  std::function<void()> problem_changed_;
  bool is_unusable_ = false;
  bool is_reopening_ = false;
  bool may_reopen_ = true;  ///< not twice without a commit between: a disk that spoils each file is not given one after the other
  std::uint16_t last_gc_tick_;
  std::map<metering::PlaceKey, metering::Account> accounts_;   ///< as booked
  std::map<metering::PlaceKey, metering::Account> committed_;  ///< the same places, without what waits
  Backlog backlog_;
  std::vector<Opening> openings_;  ///< for the end of what waits of their places, or of a reopening
  std::vector<Arming> armings_;    ///< for the end of a reopening
  bool is_committing_ = false;
  std::optional<UtcTime> last_commit_;
  std::string problem_;
  BootTime problem_since_{};
  Microseconds retry_pause_{};
  BootTime last_maintained_{};
  loop::Timer retry_timer_;  ///< set while the disk refuses
  loop::Timer stall_timer_;  ///< set while a transaction is under way
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
