// The ledger: one SQLite file that holds every booked period, the registers, and what is needed to go on after a restart.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/local_time.hpp"
#include "base/result.hpp"
#include "metering/posting.hpp"
#include "storage/settings.hpp"

namespace rbamp::storage {

class Failure;

/// Something that opening or upkeep did and the owner should read; one sentence.
struct Notice {
  enum class Kind {
    information,
    warning,
    restored,  ///< a warning, too: the file was not as it was left, and was repaired or raised
  };
  Kind kind = Kind::information;
  std::string text;
};

/// What may keep an opening busy for minutes where the file is large.
enum class LongWork {
  looking_at_pages,  ///< of a file that has a mark of damage, or is too short
  keeping_a_copy,    ///< before an upgrade of the schema
};
/// False: enough.
using KeepOpening = std::function<bool(LongWork)>;

/// What a step of upkeep did.
struct Upkeep {
  bool has_more = false;
  std::vector<Notice> notices;
};

struct LedgerEvent {
  metering::Instant at;
  std::string module;   ///< place id; may be empty
  std::string channel;  ///< may be empty
  std::string kind;     ///< one word
  std::string text;     ///< one sentence
};

struct Health {
  std::uint64_t file_bytes = 0;
  std::uint64_t log_bytes = 0;          ///< write-ahead log
  bool log_is_blocked = false;          ///< a reader has kept it from being copied since the last try
  std::optional<UtcTime> newest_round;  ///< end of the newest closing
};

struct OpenedLedger;

/// What metering/ledger.hpp asks for, and more. Synchronous: every call blocks for the disk, `commit` for one fsync (milliseconds,
/// on a bad SD card seconds). For one thread, the storage worker. Each writing call is one transaction: after an error nothing of
/// it is stored, and the same call may be repeated.
///
/// Errors of every call: ledger_full (Remedy::wait: keep the request and repeat it, in order), ledger_busy (wait), ledger_io
/// (wait or give_up), ledger_damaged with give_up (the request contradicts the ledger), ledger_readonly (give_up).
///
/// Remedy::reinitialise (ledger_damaged; ledger_io when the file was moved away) ends a ledger: every further call returns the same
/// error. Destroy it, then open again; the new one cannot be opened while the old one is there (ledger_busy). Opening sets a damaged
/// file aside and goes on as of the last call that succeeded, in this process or in the next one:
/// - PlaceKey, ModuleKey, ChannelKey, registers with their remainders, covered_until, anchors, intents and the last tick stay as they
///   were: the call that failed, and what waits behind it, may be repeated as it is. Accounts must be opened again before that.
/// - Lines, quarter hours and events that cannot be read stay in the file that was set aside.
/// All of it is kept in PATH.registers, written when the ledger ends. Only when that cannot be written either (a disk that became
/// read-only at the same time) do registers come from the damaged file or from the snapshot of the last midnight, whichever is
/// newer; anchors are then missing unless the file is whole, and keys may be others. Compare the accounts with those before: when a
/// key or a register differs, what waits does not fit any more and must be made anew from the new accounts.
/// An orderly end leaves the same words, for a file that is damaged, or replaced by an older one, while nobody uses it.
class Ledger {
 public:
  /// Opens or makes the file. `now` names the running host boot and stamps what is made. A file of an earlier schema is copied to
  /// PATH.schema-N before it is upgraded; where that is not possible, it is upgraded all the same, with a notice.
  /// Before and during each LongWork `keep_going` is called twice a second, by one thread after the other, and ends the opening with
  /// `cancelled` when it returns false. The next opening begins that work again.
  /// Beside the errors above: ledger_newer (give_up), ledger_damaged with give_up when the file is not ours at all.
  [[nodiscard]] static Result<OpenedLedger> open(const Settings& settings, const TimeZone& zone, const metering::Instant& now,
                                                 const KeepOpening& keep_going = {});

  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// Finds or makes the rows of a place, its channels and the chip that meters it.
  [[nodiscard]] Result<metering::Account> open_account(const metering::AccountRequest& request);

  /// Write-ahead: the latches that are about to be sent; stored with is_armed. Survives the death of the process, not a power
  /// cut (no fsync): a power cut takes the modules' supply or our host's, and the planned intent of the last round is durable.
  [[nodiscard]] Result<void> arm(std::span<const metering::ArmedLatch> latches);

  /// Books a round: closings, registers, anchors, resets, next intents, last tick, rollups; durable when it returns.
  /// Refused (ledger_damaged, give_up, nothing stored) when a total is not the stored one plus the energy, when a register
  /// would fall (except by an adjustment), or when time would be covered twice. Closings without postings are not stored.
  [[nodiscard]] Result<void> commit(const metering::RoundCommit& round);

  /// The last tick taken for a broadcast, by whatever process; no_gc_tick when there was none.
  [[nodiscard]] std::uint16_t last_gc_tick() const;

  /// The clock became synchronised, or was stepped: every label of this boot that was not trusted becomes
  /// boot clock + `utc_minus_boot`, is trusted, and is rolled up. Returns how many rounds were corrected.
  /// It holds as well for what is committed later with a label from before `as_of`, because it waited for the disk. When this fails,
  /// each later commit and step of upkeep tries again.
  [[nodiscard]] Result<std::int64_t> relabel(const BootId& boot, Microseconds utc_minus_boot, BootTime as_of = BootTime::max());

  /// A step of upkeep of about 20 ms: retention, returning free pages, copying the log, and once a local day the snapshot of the
  /// registers. Call it every hour or after each round, and again while it has more: it looks before it writes.
  [[nodiscard]] Result<Upkeep> maintain(UtcTime now, bool utc_is_trusted);

  /// [storage].raw_retention and quarter_hour_retention, from the next step of upkeep on. What was folded does not come back.
  void set_retention(Microseconds closings, Microseconds quarter_hours);

  /// A consistent copy while everything goes on, with the mode of the ledger; blocks this thread for the whole copy. `path` must not
  /// exist.
  [[nodiscard]] Result<void> backup(const std::string& path);

  /// Small things of other parts, by name ("mqtt.retired"). At most a few kilobytes each. nullopt removes.
  [[nodiscard]] Result<std::optional<std::string>> get_state(std::string_view name);
  [[nodiscard]] Result<void> set_state(std::string_view name, const std::optional<std::string>& value);

  /// The newest 20000 are kept. Not synced to the disk by itself: the next round does it.
  [[nodiscard]] Result<void> record(const LedgerEvent& event);

  [[nodiscard]] Health health() const;

 private:
  class Impl;
  class Opening;
  template <class Work>
  auto guarded(Work&& work) -> Result<decltype(work())>;
  void end(const Failure& reason);
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::optional<Error> end_;  ///< what made this ledger unusable
};

struct OpenedLedger {
  std::unique_ptr<Ledger> ledger;
  std::vector<Notice> notices;  ///< for the log: upgraded, set aside, restored; mostly empty
};

}  // namespace rbamp::storage
