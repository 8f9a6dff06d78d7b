// Bookkeeper whose ledger must be opened anew: damaged while it was used, or its file taken away. Everything waits meanwhile, in memory.
#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/bookkeeper.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::daemon {

namespace field = log::field;
namespace message_id = log::message_id;

namespace {

constexpr Microseconds first_pause = std::chrono::seconds{5};
constexpr Microseconds longest_pause = std::chrono::seconds{60};

/// What waits was booked on top of these registers, under these keys.
bool still_fits(const metering::Account& now, const metering::Account& before) {
  return now.place == before.place && now.module == before.module &&
         std::equal(now.channels.begin(), now.channels.end(), before.channels.begin(), before.channels.end(),
                    [](const metering::ChannelAccount& a, const metering::ChannelAccount& b) {
                      return a.key == b.key && a.registers.energy_import == b.registers.energy_import &&
                             a.registers.energy_export == b.registers.energy_export;
                    });
}

metering::AccountRequest request_for(const metering::Account& account, UtcTime now) {
  metering::AccountRequest request{account.place_id, account.uid, {}, now};
  for (const auto& channel : account.channels) request.channels.push_back({channel.index, channel.id});
  return request;
}

}  // namespace

/// True when opening the ledger anew is all that can help, or not even that: the one is then under way, or the end.
bool Bookkeeper::is_beyond_use(const Error& error) {
  if (is_unusable_ || is_reopening_) return true;
  const bool must_be_opened = error.remedy == Remedy::reinitialise;
  if (!must_be_opened && !error.is(Errc::ledger_damaged)) return false;
  if (!must_be_opened || !may_reopen_) {
    give_up(error);
    return true;
  }
  log_.error("The ledger must be opened anew: " + error.detail + ". What is metered meanwhile waits in memory.",
             {{field::error, error.code.message()}}, message_id::ledger_fault);
  set_problem(error.detail);
  is_reopening_ = true;
  retry_pause_ = first_pause;
  reopen();
  return true;
}

void Bookkeeper::reopen() {
  retry_timer_.cancel();
  auto& clock = scheduler_.clock();
  const metering::Instant now{BootId::of_host(), clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()};
  std::vector<metering::AccountRequest> requests;
  for (const auto& [place, account] : committed_) requests.push_back(request_for(account, now.utc));
  loop::submit(
      executor_, scheduler_,
      [&ledger = ledger_, now, requests = std::move(requests)]() -> Result<std::vector<metering::Account>> {
        if (auto open = ledger.reopen(now); !open) return failure(std::move(open.error()));
        std::vector<metering::Account> accounts;
        for (const auto& request : requests) {
          auto account = ledger.open_account(request);
          if (!account) return failure(std::move(account.error()));
          accounts.push_back(std::move(*account));
        }
        return accounts;
      },
      [this, guard = alive_.guard()](const Result<std::vector<metering::Account>>& accounts) {
        if (!guard.expired()) reopened(accounts);
      });
}

void Bookkeeper::reopened(const Result<std::vector<metering::Account>>& accounts) {
  if (!accounts && accounts.error().remedy == Remedy::wait) {  // no room for another file
    if (problem_ != accounts.error().detail) {
      log_.error("The ledger cannot be opened anew yet: " + accounts.error().detail + ". Trying again.",
                 {{field::error, accounts.error().code.message()}}, message_id::ledger_fault);
      set_problem(accounts.error().detail);
    }
    retry_timer_ = scheduler_.call_after(retry_pause_, [this] { reopen(); });
    retry_pause_ = std::min(retry_pause_ * 2, longest_pause);
    // As with a full disk: periods are not stretched for it.
    for (const auto& arming : std::exchange(armings_, {})) arming.done(failure(accounts.error()));
    open_accounts();
    return;
  }
  if (!accounts) return give_up(accounts.error());
  for (const auto& account : *accounts) {
    const auto before = committed_.find(account.place);
    if (before != committed_.end() && still_fits(account, before->second)) continue;
    return give_up({Errc::ledger_damaged, Remedy::give_up,
                    "the registers of \"" + account.place_id + "\" could not be restored as they were"});
  }
  log_.info("The ledger was opened anew, with all registers as they were; " + std::to_string(backlog_.size()) +
            " transactions wait for it");
  is_reopening_ = false;
  may_reopen_ = false;
  for (auto& arming : std::exchange(armings_, {})) arm(std::move(arming.latches), std::move(arming.done));
  open_accounts();
  commit_next();
}

void Bookkeeper::give_up(const Error& why) {
  is_unusable_ = true;
  is_reopening_ = false;
  retry_timer_.cancel();
  set_problem(why.detail);
  log_.error(
      "The ledger cannot be used any more: " + why.detail + ". Ending without another latch; the next start repairs the ledger.",
      {{field::error, why.code.message()}}, message_id::ledger_fault);
  unusable_();
}

}  // namespace rbamp::daemon
