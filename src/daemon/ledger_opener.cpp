#include "daemon/ledger_opener.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::daemon {
namespace {

namespace message_id = log::message_id;

constexpr Microseconds first_pause = std::chrono::seconds{5};
constexpr Microseconds longest_pause = std::chrono::seconds{60};
constexpr std::chrono::seconds patience_interval{20};  // renewed for three minutes each time

constexpr const char* stopped_opening = "Stopped while opening the ledger";

struct Words {
  const char* record;  ///< in the journal, once
  const char* status;  ///< in `systemctl status`, while it lasts
};

Words words_for(storage::LongWork work) {
  switch (work) {
    case storage::LongWork::looking_at_pages:
      return {"The ledger may be damaged: each of its pages is looked at, which takes minutes when it is large",
              "Looking at each page of the ledger, which may be damaged"};
    case storage::LongWork::keeping_a_copy:
      return {"The ledger is of an earlier version: it is copied before it is upgraded, which takes minutes when it is large",
              "Copying the ledger before it is upgraded"};
  }
  return {};
}

/// The loop has blocked the signals and does not run now: they wait for it.
bool is_told_to_stop() {
  sigset_t waiting{};
  return sigpending(&waiting) == 0 && (sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1);
}

/// Asked again and again, on one thread after the other, while opening the ledger takes its time.
class Patience {
 public:
  Patience(Notifier& notifier, log::Logger& log) : notifier_(notifier), log_(log) {}

  bool keep_going(storage::LongWork work) {
    if (is_told_to_stop()) return false;
    const auto now = std::chrono::steady_clock::now();
    const bool is_new = work_ != work;
    if (!is_new && now - renewed_ < patience_interval) return true;
    if (is_new) log_.info(words_for(work).record);
    work_ = work;
    renewed_ = now;
    notifier_.waiting(words_for(work).status);
    return true;
  }

 private:
  Notifier& notifier_;
  log::Logger& log_;
  std::optional<storage::LongWork> work_;
  std::chrono::steady_clock::time_point renewed_;
};

}  // namespace

LedgerOpener::LedgerOpener(storage::Settings settings, Environment environment)
    : settings_(std::move(settings)), env_(environment) {}

Result<storage::OpenedLedger> LedgerOpener::open() {
  auto opened = try_once();
  if (opened) return opened;
  if (opened.error().is(Errc::cancelled)) return stopped(stopped_opening);
  complain(opened.error());
  if (!passes_by_itself(opened.error())) return opened;
  if (env_.record.is_retry()) return wait(std::move(opened.error()));
  env_.record.gave_up();
  return opened;
}

Result<storage::OpenedLedger> LedgerOpener::wait(Error why) {
  bool is_stopped = false;
  const auto stop = [&] {
    is_stopped = true;
    env_.loop.quit();
  };
  const auto sigterm = env_.loop.watch_signal(SIGTERM, stop);
  const auto sigint = env_.loop.watch_signal(SIGINT, stop);
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    notifier_.waiting("Waiting for the ledger: " + why.detail);
    const auto timer = env_.loop.call_after(pause, [this] { env_.loop.quit(); });
    env_.loop.run();
    if (is_stopped) return stopped("Stopped while waiting for the ledger");
    auto opened = try_once();
    if (opened) {
      env_.log.info("The ledger can be used again", {}, message_id::ledger_back);
      return opened;
    }
    if (opened.error().is(Errc::cancelled)) return stopped(stopped_opening);
    if (opened.error().detail != why.detail) complain(opened.error());
    if (!passes_by_itself(opened.error())) return opened;
    why = std::move(opened.error());
  }
}

Result<storage::OpenedLedger> LedgerOpener::stopped(const std::string& message) {
  env_.record.clear();
  env_.record.settled();
  notifier_.stopping(message);
  env_.log.info(message);
  return failure(Errc::cancelled, Remedy::give_up, "told to stop");
}

Result<storage::OpenedLedger> LedgerOpener::try_once() {
  auto& clock = env_.loop.clock();
  Patience patience{notifier_, env_.log};
  return storage::Ledger::open(settings_, env_.zone,
                               {BootId::of_host(), clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()},
                               [&patience](storage::LongWork work) { return patience.keep_going(work); });
}

void LedgerOpener::complain(const Error& why) {
  const bool waits = env_.record.is_retry() && passes_by_itself(why);
  env_.log.error("The ledger cannot be used: " + why.detail + (waits ? ". Trying again." : ""),
                 {{log::field::path, settings_.path}}, message_id::ledger_fault);
}

// A card that answers one write with an error after a brown-out takes the next one; what is damaged, or not ours to write, stays so.
bool passes_by_itself(const Error& why) {
  return why.is(Errc::ledger_full) || why.is(Errc::ledger_busy) || (why.is(Errc::ledger_io) && why.remedy == Remedy::wait);
}

}  // namespace rbamp::daemon
