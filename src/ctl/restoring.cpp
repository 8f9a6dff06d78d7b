#include "ctl/restoring.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "ctl/interrupt_cleanup.hpp"
#include "ctl/ledger_owner.hpp"
#include "storage/backup.hpp"
#include "storage/files.hpp"
#include "storage/ledger.hpp"
#include "storage/snapshot.hpp"
#include "storage/verify.hpp"

namespace rbamp::ctl {
namespace {

namespace fs = std::filesystem;

constexpr mode_t usual_mode = 0640;

tl::unexpected<Error> system_failure(const std::string& what) {
  const int number = errno;
  const bool is_forbidden = number == EACCES || number == EPERM || number == EROFS;
  return failure(is_forbidden ? Errc::ledger_readonly : Errc::ledger_io, Remedy::give_up,
                 what + ": " + std::generic_category().message(number));
}

tl::unexpected<Error> unsound(const std::string& backup, const std::string& why) {
  return failure(Errc::ledger_damaged, Remedy::give_up, "the backup " + backup + " is not sound, nothing was changed: " + why);
}

Result<void> require_sound(const std::string& backup) {
  const auto verdict = storage::verify_ledger(backup);
  if (!verdict) return failure(verdict.error());
  if (const auto& violation = verdict->first_violation) return unsound(backup, violation->where + ": " + violation->what);
  return {};
}

/// "20261101T143005Z"
std::string stamp(UtcTime now) {
  std::string text = to_rfc3339(now);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

Error stop_first(const std::string& ledger) {
  return {Errc::ledger_busy, Remedy::wait,
          "rbampd has the ledger " + ledger + " open, nothing was changed; stop it first: systemctl stop rbampd"};
}

class Restoring {
 public:
  Restoring(Context& context, std::string backup, std::string ledger)
      : context_(context), backup_(std::move(backup)), ledger_(std::move(ledger)), fresh_(ledger_ + ".incoming") {}
  Restoring(const Restoring&) = delete;
  Restoring& operator=(const Restoring&) = delete;
  ~Restoring() {
    if (has_copied_) remove_copy();  // where it went well there is none any more
  }

  Result<Restored> run() {
    restored_.ledger = ledger_;
    std::error_code code;
    had_ledger_ = fs::exists(ledger_, code);
    if (had_ledger_ && fs::equivalent(backup_, ledger_, code))
      return failure(Errc::request_invalid, Remedy::give_up, backup_ + " is the ledger itself; name a backup of it");
    for (const auto step :
         {&Restoring::check_backup, &Restoring::note_registers, &Restoring::lock, &Restoring::copy, &Restoring::swap}) {
      if (auto done = (this->*step)(); !done) return failure(done.error());
    }
    return restored_;
  }

 private:
  Result<void> check_backup() {
    const auto is_earlier = storage::is_of_earlier_schema(backup_);
    if (!is_earlier) return failure(is_earlier.error());
    if (!*is_earlier) return require_sound(backup_);
    is_earlier_ = true;
    return copy_earlier();
  }

  /// One of an earlier version is brought up to date before it is verified, and that needs a copy.
  Result<void> copy_earlier() {
    if (auto locked = lock(); !locked) return locked;
    begin_copy();
    const auto copied = storage::copy_upgraded(backup_, fresh_);
    lock_ = Fd{};
    if (!copied) return copied.error().is(Errc::ledger_damaged) ? unsound(backup_, "it cannot be brought up to date") : copied;
    const auto verdict = storage::verify_ledger(fresh_);
    if (!verdict) return failure(verdict.error());
    if (const auto& violation = verdict->first_violation)
      return unsound(backup_, violation->where == "file" ? "its pages are damaged" : violation->where + ": " + violation->what);
    return {};
  }

  /// The ledger that goes writes its registers down beside it when it is closed: rbampd raises those of an older file to them, so that
  /// no counter falls. No upkeep is done: what is kept aside keeps all its lines. When the ledger cannot be opened any more, the copy of
  /// the last day must do.
  Result<void> note_registers() {
    const auto owner = LedgerOwner::of(ledger_);
    if (!owner) return failure(owner.error());
    if (const auto free = storage::lock_ledger(ledger_); !free) return refused(free.error());
    if (!had_ledger_) return {};
    if (const auto reader = storage::Reader::open(ledger_, TimeZone::utc()); !reader) {
      // A later version has noted them itself when it ended; whether a damaged file was ended by anybody is not known.
      restored_.has_fresh_registers = reader.error().is(Errc::ledger_newer) && has_last_word();
      return {};
    }
    const auto zone = context_.zone();
    if (!zone) return failure(zone.error());
    const auto configuration = context_.config();
    if (!configuration) return failure(configuration.error());
    auto& clock = context_.clock();
    storage::Settings settings{(*configuration)->storage};
    settings.path = ledger_;
    const metering::Instant now{BootId::of_host(), clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()};
    auto opened = storage::Ledger::open(settings, *zone, now);
    if (!opened) return opened.error().is(Errc::ledger_busy) ? refused(opened.error()) : Result<void>{};
    opened->ledger.reset();
    restored_.has_fresh_registers = has_last_word();
    return {};
  }

  [[nodiscard]] bool has_last_word() const {
    const auto registers = storage::load_snapshot(storage::snapshot_path(ledger_));
    return registers && *registers && (*registers)->is_last_word;
  }

  Result<void> lock() {
    const auto owner = LedgerOwner::of(ledger_);
    if (!owner) return failure(owner.error());
    auto taken = storage::lock_ledger(ledger_);
    if (!taken) return refused(taken.error());
    lock_ = std::move(*taken);
    return {};
  }

  /// As who runs this: the backup may be readable for nobody else. The copy gets the owner and mode of what it replaces.
  Result<void> copy() {
    uid_t user = 0;
    gid_t group = 0;
    {
      const auto owner = LedgerOwner::of(ledger_);
      if (!owner) return failure(owner.error());
      user = owner->user();
      group = owner->group();
    }
    struct stat old {};
    const mode_t mode = ::stat(ledger_.c_str(), &old) == 0 ? old.st_mode & 07777U : usual_mode;
    if (!is_earlier_) {
      begin_copy();
      if (auto copied = storage::backup_ledger(backup_, fresh_); !copied) return copied;
    }
    if (::chmod(fresh_.c_str(), mode) != 0) return system_failure("cannot set the mode of " + fresh_);
    if (::geteuid() == 0 && ::lchown(fresh_.c_str(), user, group) != 0)
      return system_failure("cannot give " + fresh_ + " its owner");
    return {};
  }

  /// The old file gets a second name before the new one takes its first, so that at no instant there is none.
  Result<void> swap() {
    if (had_ledger_) {
      const std::string aside = unused_name(ledger_ + ".replaced-" + stamp(context_.clock().utc_now()));
      if (::link(ledger_.c_str(), aside.c_str()) != 0) {
        // A file system without second names: then there is such an instant.
        if (::rename(ledger_.c_str(), aside.c_str()) != 0) return system_failure("cannot set aside " + ledger_);
      }
      restored_.replaced = aside;
      // SQLite would take a log that is left behind for one of the restored file.
      if (::rename((ledger_ + "-wal").c_str(), (aside + "-wal").c_str()) != 0 && errno != ENOENT)
        return take_back(system_failure("cannot set aside " + ledger_ + "-wal"));
    }
    ::unlink((ledger_ + "-wal").c_str());
    ::unlink((ledger_ + "-shm").c_str());
    if (auto moved = storage::move_into_place(fresh_, ledger_); !moved) return take_back(failure(moved.error()));
    storage::mark_suspect(ledger_, storage::Suspicion::none);
    return {};
  }

  Result<void> take_back(tl::unexpected<Error> reason) {
    if (restored_.replaced) {
      (void)::rename((*restored_.replaced + "-wal").c_str(), (ledger_ + "-wal").c_str());
      (void)::rename(restored_.replaced->c_str(), ledger_.c_str());  // where both are names of one file, nothing happens
      ::unlink(restored_.replaced->c_str());
    }
    return reason;
  }

  [[nodiscard]] Result<void> refused(const Error& error) const {
    return failure(error.is(Errc::ledger_busy) ? stop_first(ledger_) : error);
  }

  void begin_copy() {
    remove_copy();  // of a restore that was interrupted
    has_copied_ = true;
  }

  void remove_copy() const {
    for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((fresh_ + suffix).c_str());
  }

  static std::string unused_name(const std::string& wanted) {
    std::error_code code;
    std::string name = wanted;
    for (int number = 2; fs::exists(name, code); ++number) name = wanted + "." + std::to_string(number);
    return name;
  }

  Context& context_;
  std::string backup_;
  std::string ledger_;
  std::string fresh_;
  Restored restored_;
  Fd lock_;
  bool had_ledger_ = false;
  bool is_earlier_ = false;
  bool has_copied_ = false;
};

}  // namespace

Result<Restored> restore(Context& context, const std::string& backup) {
  auto ledger = context.ledger_path();
  if (!ledger) return failure(ledger.error());
  return Restoring{context, backup, std::move(*ledger)}.run();
}

}  // namespace rbamp::ctl
