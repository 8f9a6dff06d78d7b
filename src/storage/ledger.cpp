#include "storage/ledger.hpp"

#include <filesystem>

#include "storage/attended_query.hpp"
#include "storage/backup.hpp"
#include "storage/files.hpp"
#include "storage/ledger_impl.hpp"
#include "storage/restore.hpp"
#include "storage/schema.hpp"
#include "storage/schema_copy.hpp"

namespace rbamp::storage {
namespace {

using metering::Instant;

Failure not_ours(const std::string& path, const std::string& what) {
  return Failure{Error{Errc::ledger_damaged, Remedy::give_up,
                       path + " is " + what + ", not a ledger of rbampd; move it away, or name another file in storage.path"}};
}

/// Every page of a file is looked at only with a reason: damage that was met while running, or a file that is too short. What each
/// round depends on is read and checked anyway when the books are loaded.
void check_file(Connection& connection, const std::string& path, bool was_cut_off, const KeepGoing& keep_going) {
  connection.truncate_log();
  const auto suspected = suspicion(path);
  if (suspected == Suspicion::rows) fail_damaged(path, "its rows contradicted each other when it was used last");
  if (!was_cut_off && suspected == Suspicion::none) return;
  const std::string verdict = attended_text(connection, "PRAGMA quick_check(1)", keep_going);
  if (verdict != "ok") fail_damaged(path, verdict);
  mark_suspect(path, Suspicion::none);
}

}  // namespace

/// The decisions of Ledger::open, in order.
class Ledger::Opening {
 public:
  Opening(const Settings& settings, const TimeZone& zone, const Instant& now, const KeepOpening& keep_going)
      : settings_(settings), zone_(zone), now_(now), keep_going_(keep_going) {}

  OpenedLedger run() {
    if (auto folder = prepare_folder(settings_.path); !folder) throw Failure{folder.error()};
    auto lock = lock_ledger(settings_.path);
    if (!lock) throw Failure{lock.error()};
    lock_ = std::move(*lock);
    if (const auto aside = finish_restore(settings_.path, now_.utc))
      warn("the ledger " + settings_.path +
           " had been restored by an earlier start, which was interrupted; the damaged one was kept as " + *aside);
    remove_unfinished_schema_copies(settings_.path);
    load_daily_snapshot();
    const auto kind = inspect(settings_.path);
    if (!kind) throw Failure{kind.error()};
    auto impl = open_kind(*kind);
    if (snapshot_) impl->catch_up_with(*snapshot_, now_, notices_);
    // From the first minute on there is a snapshot, which also tells a damaged ledger from somebody else's file. A last word is
    // true until the first commit, so it must be gone before that.
    if (!snapshot_ || snapshot_->ledger != impl->id() || snapshot_->is_last_word)
      impl->store_snapshot(now_.utc, Impl::SnapshotKind::daily);
    return {std::unique_ptr<Ledger>{new Ledger{std::move(impl)}}, std::move(notices_)};
  }

 private:
  void load_daily_snapshot() {
    auto loaded = load_snapshot(snapshot_path(settings_.path));
    if (loaded) {
      snapshot_ = std::move(*loaded);
    } else {
      was_ours_ = true;  // a damaged snapshot is still a sign that a ledger stood here
      warn(loaded.error().detail);
    }
    was_ours_ = was_ours_ || snapshot_.has_value();
  }

  std::unique_ptr<Impl> open_kind(FileKind kind) {
    switch (kind) {
      case FileKind::foreign: throw not_ours(settings_.path, "the database of another program");
      case FileKind::unrecognised:
        if (!was_ours_) throw not_ours(settings_.path, "not a database");
        return replace("its beginning is not that of a database");
      case FileKind::missing:
      case FileKind::empty:
        if (!was_ours_ && !has_log()) return create(kind);
        return replace(kind == FileKind::missing ? "the file is gone" : "the file is empty");
      case FileKind::new_database:
      case FileKind::ledger: break;
    }
    was_cut_off_ = is_cut_off(settings_.path);
    try {
      auto connection = open_existing(kind);
      check(*connection);
      return std::make_unique<Impl>(settings_, zone_, now_, std::move(connection), std::move(lock_));
    } catch (const Failure& reason) {
      if (!reason.error().is(Errc::ledger_damaged) || reason.error().remedy != Remedy::reinitialise) throw;
      if (kind == FileKind::new_database && !was_ours_) throw not_ours(settings_.path, "a damaged database");
      if (!lock_.is_open()) reacquire();
      return replace(reason.error().detail);
    }
  }

  std::unique_ptr<Connection> open_existing(FileKind kind) {
    if (kind == FileKind::new_database) {
      // Without our mark: an SQLite file in which nothing was made yet, or somebody else's.
      // Asked through SQLite: before the first checkpoint our mark is in the log only, and a kill at that time leaves it there.
      Connection look{settings_.path, Connection::Access::read_write};
      const bool is_ours = look.integer("PRAGMA application_id") == application_id;
      if (!is_ours && look.integer("SELECT count(*) FROM sqlite_schema").value_or(0) > 0)
        throw not_ours(settings_.path, "the database of another program");
    }
    std::optional<Notice> told;
    auto connection =
        open_database(settings_, usual_mode, [&](Connection& old, std::int64_t schema) { told = prepare_upgrade(old, schema); });
    if (told) notices_.push_back(std::move(*told));
    return connection;
  }

  /// What cannot be copied is upgraded all the same: the copy is for going back, and without it metering would wait for a person.
  Notice prepare_upgrade(Connection& old, std::int64_t schema) {
    check(old);  // a copy of damage is no way back
    const std::string done = "the ledger " + settings_.path + " was upgraded from schema " + std::to_string(schema) + " to " +
                             std::to_string(schema_steps().size());
    const auto copy = caught([&] { return keep_schema_copy(old, schema, asking_about(LongWork::keeping_a_copy)); });
    if (copy) return {Notice::Kind::information, done + "; as it was before, it is kept as " + *copy};
    if (copy.error().is(Errc::cancelled)) throw Failure{copy.error()};
    return {Notice::Kind::warning, done + "; no copy of it as it was before could be kept (" + copy.error().detail +
                                       "): an older version of rbampd needs a backup from before, if there is one"};
  }

  void check(Connection& connection) {
    check_file(connection, settings_.path, was_cut_off_, asking_about(LongWork::looking_at_pages));
    was_cut_off_ = false;
  }

  [[nodiscard]] KeepGoing asking_about(LongWork work) const {
    if (!keep_going_) return {};
    return [this, work] { return keep_going_(work); };
  }

  std::unique_ptr<Impl> create(FileKind kind) {
    if (kind == FileKind::empty)
      warn(settings_.path +
           " was an empty file with no snapshot of registers beside it: a new ledger begins there at 0 Wh. If energy was " +
           "booked in it before, stop rbampd and bring back a backup: rbampctl restore FILE");
    auto connection = open_database(settings_);
    connection->truncate_log();  // so that the file itself carries our mark from the beginning
    return std::make_unique<Impl>(settings_, zone_, now_, std::move(connection), std::move(lock_));
  }

  /// Sets the damaged file aside and goes on in a new one with the registers.
  std::unique_ptr<Impl> replace(const std::string& why) {
    auto restored = restore_ledger(settings_, snapshot_, now_.utc);
    warn("the ledger " + settings_.path + " cannot be used (" + why + ")" +
         (restored.aside.empty() ? std::string{} : "; it was kept as " + restored.aside));
    for (auto& sentence : restored.told) warn(std::move(sentence));
    return std::make_unique<Impl>(settings_, zone_, now_, open_database(settings_), std::move(lock_));
  }

  [[nodiscard]] bool has_log() const {
    std::error_code code;
    return std::filesystem::exists(settings_.path + "-wal", code);
  }

  void reacquire() {
    auto lock = lock_ledger(settings_.path);
    if (!lock) throw Failure{lock.error()};
    lock_ = std::move(*lock);
  }

  void warn(std::string text) { notices_.push_back({Notice::Kind::restored, std::move(text)}); }

  const Settings& settings_;
  const TimeZone& zone_;
  const Instant& now_;
  const KeepOpening& keep_going_;
  bool was_cut_off_ = false;
  Fd lock_;
  std::optional<Snapshot> snapshot_;
  bool was_ours_ = false;
  std::vector<Notice> notices_;
};

Result<OpenedLedger> Ledger::open(const Settings& settings, const TimeZone& zone, const Instant& now,
                                  const KeepOpening& keep_going) {
  return caught([&] { return Opening{settings, zone, now, keep_going}.run(); });
}

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Ledger::~Ledger() {
  if (!end_) impl_->leave_last_word();
}

/// Like `caught`. When only opening it anew can help, what that needs is left beside the file, and nothing is tried any more: the
/// last word would not be the last.
template <class Work>
auto Ledger::guarded(Work&& work) -> Result<decltype(work())> {
  if (end_) return failure(*end_);
  return caught([&] {
    try {
      return work();
    } catch (const Failure& reason) {
      if (reason.error().remedy == Remedy::reinitialise) end(reason);
      throw;
    }
  });
}

void Ledger::end(const Failure& reason) {
  end_ = reason.error();
  if (end_->is(Errc::ledger_damaged)) {
    mark_suspect(impl_->path(), reason.witness() == Failure::Witness::rows ? Suspicion::rows : Suspicion::pages);
  }
  impl_->leave_last_word();
}

Result<metering::Account> Ledger::open_account(const metering::AccountRequest& request) {
  return guarded([&] { return impl_->open_account(request); });
}

Result<void> Ledger::arm(std::span<const metering::ArmedLatch> latches) {
  return guarded([&] {
    impl_->require_log_space();
    impl_->arm(latches);
  });
}

Result<void> Ledger::commit(const metering::RoundCommit& round) {
  return guarded([&] {
    auto staged = impl_->books().stage(round);
    if (!staged) throw Failure{staged.error()};
    impl_->require_log_space();
    impl_->commit(round, std::move(*staged));
    impl_->correct_owed_labels();
    impl_->tend_log();
  });
}

std::uint16_t Ledger::last_gc_tick() const { return impl_->gc_tick(); }

Result<std::int64_t> Ledger::relabel(const BootId& boot, Microseconds utc_minus_boot, BootTime as_of) {
  return guarded([&] { return impl_->relabel(boot, utc_minus_boot, as_of); });
}

Result<Upkeep> Ledger::maintain(UtcTime now, bool utc_is_trusted) {
  return guarded([&] { return impl_->maintain(now, utc_is_trusted); });
}

void Ledger::set_retention(Microseconds closings, Microseconds quarter_hours) { impl_->set_retention(closings, quarter_hours); }

Result<void> Ledger::backup(const std::string& path) {
  return guarded([&] { copy_ledger(impl_->connection(), path, mode_of(impl_->path())); });
}

Result<std::optional<std::string>> Ledger::get_state(std::string_view name) {
  return guarded([&]() -> std::optional<std::string> {
    Query select{impl_->connection(), "SELECT CAST(value AS TEXT) FROM state WHERE name = ?"};
    Rows rows = select.select(name);
    if (!rows.next()) return std::nullopt;
    return rows.text(0);
  });
}

Result<void> Ledger::set_state(std::string_view name, const std::optional<std::string>& value) {
  return guarded([&] {
    impl_->require_log_space();
    impl_->set_state(name, value);
  });
}

Result<void> Ledger::record(const LedgerEvent& event) {
  return guarded([&] {
    impl_->require_log_space();
    impl_->record(event);
  });
}

Health Ledger::health() const { return impl_->health(); }

}  // namespace rbamp::storage
