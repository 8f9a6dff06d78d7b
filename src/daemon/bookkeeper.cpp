#include "daemon/bookkeeper.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "base/local_time.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"
#include "metering/backlog.hpp"

namespace rbamp::daemon {

namespace field = log::field;
namespace message_id = log::message_id;
using std::chrono::seconds;

namespace {

constexpr std::size_t longest_backlog = 1500;  // about a day of one-minute rounds; older ones are joined, not dropped
constexpr Microseconds first_retry = seconds{1};
constexpr Microseconds longest_retry = seconds{60};
constexpr Microseconds maintenance_interval = std::chrono::hours{1};

std::string fixed(double value, int decimals = 3) {
  std::array<char, 48> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, decimals);
  return error == std::errc{} ? std::string{text.begin(), end} : std::string{"?"};
}

std::string watt_hours(MicroWattHours amount) { return fixed(amount.to_watt_hours().value()); }

std::string kilowatt_hours(MicroWattHours amount) { return fixed(amount.to_watt_hours().value() / 1000.0, 6); }

metering::CommittedModule as_published(const metering::Account& account, const std::vector<metering::Closing>& closings) {
  metering::CommittedModule module{account.place_id, {}, {}};
  for (const auto& closing : closings) {
    for (std::size_t i = 0; i < closing.postings.size(); ++i) {
      const auto& posting = closing.postings[i];
      module.postings.push_back(
          {account.channels[i].id, closing.span, closing.quality, closing.reason, posting.energy_import, posting.energy_export});
    }
  }
  for (const auto& channel : account.channels) {
    module.registers.push_back(
        {channel.id, channel.registers.energy_import, channel.registers.energy_export, channel.registers.since});
  }
  return module;
}

}  // namespace

Bookkeeper::Bookkeeper(metering::Ledger& ledger, loop::Executor& executor, loop::Scheduler& scheduler, metering::Output& output,
                       log::Logger& log, std::function<void()> unusable)
    : ledger_(ledger),
      executor_(executor),
      scheduler_(scheduler),
      output_(output),
      log_(log),
      unusable_(std::move(unusable)),
      last_gc_tick_(ledger.last_gc_tick()),
      retry_pause_(first_retry) {}

void Bookkeeper::open(metering::AccountRequest request, std::function<void(Result<metering::Account>)> done) {
  loop::submit(
      executor_, scheduler_, [&ledger = ledger_, request = std::move(request)] { return ledger.open_account(request); },
      [this, guard = alive_.guard(), done = std::move(done)](Result<metering::Account> account) {
        if (guard.expired()) return;
        if (account) {
          // What is booked but not yet on disk counts: the registers in memory are never behind the ledger's.
          if (const auto known = accounts_.find(account->place); known != accounts_.end()) {
            for (auto& channel : account->channels) {
              for (const auto& old : known->second.channels) {
                if (old.key == channel.key) channel.registers = old.registers;
              }
            }
          }
          accounts_[account->place] = *account;
          output_.committed(as_published(*account, {}));
        } else if (is_beyond_repair(account.error())) {
          return;
        } else if (problem_ != account.error().detail) {
          log_.error("The ledger cannot open an account: " + account.error().detail,
                     {{field::error, account.error().code.message()}}, message_id::ledger_fault);
          problem_ = account.error().detail;
          problem_since_ = scheduler_.clock().boot_now();
        }
        done(std::move(account));
      });
}

void Bookkeeper::announce(metering::Output& output) const {
  if (!queue_.empty()) return;
  for (const auto& [place, account] : accounts_) output.committed(as_published(account, {}));
}

void Bookkeeper::arm(std::vector<metering::ArmedLatch> latches, Done done) {
  // What waits for the disk is older than this intent and must not take it back when it is stored.
  for (auto& entry : queue_) {
    for (auto& module : entry.commit.modules) {
      const bool is_armed = std::any_of(latches.begin(), latches.end(), [&](const auto& l) { return l.module == module.module; });
      module.keeps_intent = module.keeps_intent || is_armed;
    }
  }
  loop::submit(
      executor_, scheduler_, [&ledger = ledger_, latches = std::move(latches)] { return ledger.arm(latches); },
      [this, guard = alive_.guard(), done = std::move(done)](const Result<void>& result) {
        if (guard.expired() || (!result && is_beyond_repair(result.error()))) return;  // no latch on top of what cannot be booked
        done(result);
      });
}

void Bookkeeper::book(std::vector<metering::ModuleReport> reports, std::uint16_t last_gc_tick, Done durable) {
  Entry entry;
  entry.commit.last_gc_tick = last_gc_tick;
  entry.durable.push_back(std::move(durable));
  for (auto& report : reports) {
    const auto it = accounts_.find(report.place);
    if (it == accounts_.end()) continue;  // reports come only for accounts that open() returned
    auto& account = it->second;
    metering::ModuleCommit module{report.place, report.module, {}, std::move(report.anchor), report.reset, report.next_intent};
    for (const auto& period : report.closed) {
      module.closings.push_back(metering::book(account, period));
      log_closing(account, module.closings.back());
    }
    if (!module.closings.empty()) entry.published.push_back(as_published(account, module.closings));
    entry.commit.modules.push_back(std::move(module));
  }
  queue_.push_back(std::move(entry));
  bound_backlog();
  if (!is_committing_ && !retry_timer_.is_set()) commit_next();
}

void Bookkeeper::correct(const std::string& place_id, const metering::CorrectionRequest& request, const metering::Instant& now,
                         std::function<void(Result<Correction>)> done) {
  const auto found =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const auto& a) { return a.second.place_id == place_id; });
  if (found == accounts_.end()) {
    done(failure(Errc::request_invalid, Remedy::give_up,
                 "rbampd does not meter a module \"" + place_id +
                     "\" now; to correct what the ledger has of it, stop rbampd and say it again"));
    return;
  }
  auto& account = found->second;
  auto closing = metering::correct(account, request, now);
  if (!closing) {
    done(failure(std::move(closing.error())));
    return;
  }
  log_.info("Module \"" + place_id + "\": a register was corrected: " + request.note, {{field::module, place_id}});
  Entry entry;
  metering::ModuleCommit module;
  module.place = account.place;
  module.module = account.module;
  module.keeps_intent = true;
  module.closings.push_back(*closing);
  entry.published.push_back(as_published(account, module.closings));
  entry.commit.modules.push_back(std::move(module));
  entry.durable.emplace_back(
      [done = std::move(done), line = Correction{account, std::move(*closing)}](const Result<void>& result) {
        if (!result) {
          done(failure(result.error()));
        } else {
          done(line);
        }
      });
  queue_.push_back(std::move(entry));
  bound_backlog();
  if (!is_committing_ && !retry_timer_.is_set()) commit_next();
}

void Bookkeeper::commit_next() {
  retry_timer_.cancel();
  if (queue_.empty() || is_committing_) return;
  is_committing_ = true;
  loop::submit(
      executor_, scheduler_, [&ledger = ledger_, commit = queue_.front().commit] { return ledger.commit(commit); },
      [this, guard = alive_.guard()](const Result<void>& result) {
        if (!guard.expired()) committed(result);
      });
}

bool Bookkeeper::is_beyond_repair(const Error& error) {
  if (!error.is(Errc::ledger_damaged) && error.remedy != Remedy::reinitialise) return false;
  if (is_unusable_) return true;
  is_unusable_ = true;
  problem_ = error.detail;
  log_.error("The ledger must be opened anew: " + error.detail +
                 ". Ending without another latch: the modules keep what is not booked, and the next start repairs the ledger.",
             {{field::error, error.code.message()}}, message_id::ledger_fault);
  unusable_();
  return true;
}

void Bookkeeper::committed(const Result<void>& result) {
  is_committing_ = false;
  if (!result) {
    if (is_beyond_repair(result.error())) return;
    if (problem_ != result.error().detail) {
      log_.error("The ledger cannot be written: " + result.error().detail +
                     ". Metering goes on in memory, nothing is lost as long as the daemon runs.",
                 {{field::error, result.error().code.message()}}, message_id::ledger_fault);
      if (problem_.empty()) problem_since_ = scheduler_.clock().boot_now();
      problem_ = result.error().detail;
    }
    retry_timer_ = scheduler_.call_after(retry_pause_, [this] { commit_next(); });
    retry_pause_ = std::min(retry_pause_ * 2, longest_retry);
    return;
  }
  if (!problem_.empty()) {
    const auto lasted = (scheduler_.clock().boot_now() - problem_since_) / seconds{1};
    log_.info("The ledger can be written again after " + std::to_string(lasted) + " s, " + std::to_string(queue_.size()) +
                  " transactions waited",
              {}, message_id::ledger_back);
    problem_.clear();
    retry_pause_ = first_retry;
  }
  const auto entry = std::move(queue_.front());
  queue_.pop_front();
  last_commit_ = scheduler_.clock().utc_now();
  for (const auto& module : entry.published) output_.committed(module);
  for (const auto& durable : entry.durable) durable({});
  maintain_now_and_then();
  commit_next();
}

void Bookkeeper::bound_backlog() {
  if (queue_.size() <= longest_backlog) return;
  // The first entry may be under way; the two after it become one.
  auto& earlier = queue_[1];
  auto& later = queue_[2];
  earlier.commit = metering::join(std::move(earlier.commit), std::move(later.commit));
  for (auto& module : later.published) {
    const auto same = std::find_if(earlier.published.begin(), earlier.published.end(),
                                   [&](const auto& m) { return m.module_id == module.module_id; });
    if (same == earlier.published.end()) {
      earlier.published.push_back(std::move(module));
    } else {
      same->postings.clear();  // single periods are gone; the registers are what counts
      same->registers = std::move(module.registers);
    }
  }
  std::move(later.durable.begin(), later.durable.end(), std::back_inserter(earlier.durable));
  queue_.erase(queue_.begin() + 2);
}

void Bookkeeper::maintain_now_and_then() {
  const BootTime now = scheduler_.clock().boot_now();
  if (now - last_maintained_ < maintenance_interval && last_maintained_ != BootTime{}) return;
  last_maintained_ = now;
  loop::submit(
      executor_, scheduler_,
      [&ledger = ledger_, utc = scheduler_.clock().utc_now(), trusted = scheduler_.clock().utc_is_synchronised()] {
        return ledger.maintain(utc, trusted);
      },
      [this, guard = alive_.guard()](const Result<void>& result) {
        if (!guard.expired() && !result)
          log_.warning("The ledger's upkeep failed and will be tried again in an hour: " + result.error().detail);
      });
}

void Bookkeeper::log_closing(const metering::Account& account, const metering::Closing& closing) const {
  const bool is_gap = closing.quality == metering::Quality::gap;
  if (!is_gap && !log_.is_enabled(log::Level::debug)) return;
  const auto length = fixed(static_cast<double>(closing.span.length.count()) / 1e6);
  const auto begin = to_rfc3339(closing.span.end.utc - closing.span.length, true);
  const auto end = to_rfc3339(closing.span.end.utc, true);
  if (is_gap) {
    log_.warning("Module \"" + account.place_id + "\": " + length + " s are booked as a gap: " + closing.note,
                 {{field::module, account.place_id},
                  {field::module_uid, to_string(account.uid)},
                  {field::period_begin, begin},
                  {field::period_end, end}},
                 message_id::gap_posted);
    return;
  }
  for (std::size_t i = 0; i < closing.postings.size(); ++i) {
    const auto& posting = closing.postings[i];
    std::string line = account.place_id + "/" + account.channels[i].id + ": " + length + " s, " +
                       watt_hours(posting.energy_import) + " Wh in, " + watt_hours(posting.energy_export) + " Wh out; total " +
                       kilowatt_hours(posting.total_import) + " kWh in, " + kilowatt_hours(posting.total_export) + " kWh out (" +
                       std::string{to_string(closing.quality)} + ")";
    log_.debug(std::move(line), {{field::module, account.place_id},
                                 {field::channel, account.channels[i].id},
                                 {field::period_begin, begin},
                                 {field::period_end, end}});
  }
}

}  // namespace rbamp::daemon
