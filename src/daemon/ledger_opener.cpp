#include "daemon/ledger_opener.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::daemon {
namespace {

namespace message_id = log::message_id;

constexpr Microseconds first_pause = std::chrono::seconds{5};
constexpr Microseconds longest_pause = std::chrono::seconds{60};

}  // namespace

LedgerOpener::LedgerOpener(storage::Settings settings, Environment environment)
    : settings_(std::move(settings)), env_(environment) {}

Result<storage::OpenedLedger> LedgerOpener::open() {
  auto opened = try_once();
  if (opened) return opened;
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
    if (is_stopped) {
      env_.record.clear();
      notifier_.stopping("Stopped while waiting for the ledger");
      env_.log.info("Stopped while waiting for the ledger");
      return failure(Errc::cancelled, Remedy::give_up, "told to stop");
    }
    auto opened = try_once();
    if (opened) {
      env_.log.info("The ledger can be used again", {}, message_id::ledger_back);
      return opened;
    }
    if (opened.error().detail != why.detail) complain(opened.error());
    if (!passes_by_itself(opened.error())) return opened;
    why = std::move(opened.error());
  }
}

Result<storage::OpenedLedger> LedgerOpener::try_once() const {
  auto& clock = env_.loop.clock();
  return storage::Ledger::open(settings_, env_.zone,
                               {BootId::of_host(), clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()});
}

void LedgerOpener::complain(const Error& why) {
  const bool waits = env_.record.is_retry() && passes_by_itself(why);
  env_.log.error("The ledger cannot be used: " + why.detail + (waits ? ". Trying again." : ""),
                 {{log::field::path, settings_.path}}, message_id::ledger_fault);
}

bool passes_by_itself(const Error& why) { return why.is(Errc::ledger_full) || why.is(Errc::ledger_busy); }

}  // namespace rbamp::daemon
