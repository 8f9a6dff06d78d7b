#include "daemon/bookkeeper.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/local_time.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::daemon {

namespace field = log::field;
namespace message_id = log::message_id;
using std::chrono::seconds;

namespace {

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

std::string length_of(const metering::Closing& closing) { return fixed(static_cast<double>(closing.span.length.count()) / 1e6); }

std::string begin_of(const metering::Closing& closing) { return to_rfc3339(closing.span.end.utc - closing.span.length, true); }

std::string end_of(const metering::Closing& closing) { return to_rfc3339(closing.span.end.utc, true); }

/// A correction has postings for the channels that it changes, in any order.
template <class Account>
auto find_channel(Account& account, metering::ChannelKey key) -> decltype(&account.channels.front()) {
  const auto found =
      std::find_if(account.channels.begin(), account.channels.end(), [&](const auto& channel) { return channel.key == key; });
  return found == account.channels.end() ? nullptr : &*found;
}

metering::CommittedModule as_published(const metering::Account& account, const std::vector<metering::Closing>& closings) {
  metering::CommittedModule module{account.place_id, {}, {}};
  for (const auto& closing : closings) {
    for (const auto& posting : closing.postings) {
      if (const auto* channel = find_channel(account, posting.channel); channel != nullptr)
        module.postings.push_back({channel->id, closing.span, closing.quality, closing.reason, posting.energy_import,
                                   posting.energy_export, posting.export_is_estimated, posting.export_source});
    }
  }
  for (const auto& channel : account.channels) {
    module.registers.push_back(
        {channel.id, channel.registers.energy_import, channel.registers.energy_export, channel.registers.since});
  }
  return module;
}

/// The registers after a line that was booked on another copy of the account.
void follow(metering::Account& account, const metering::Closing& closing) {
  for (const auto& posting : closing.postings) {
    auto* channel = find_channel(account, posting.channel);
    if (channel == nullptr) continue;
    channel->registers.energy_import = posting.total_import;
    channel->registers.energy_export = posting.total_export;
    channel->registers.import_remainder = posting.import_remainder;
    channel->registers.export_remainder = posting.export_remainder;
  }
  if (closing.quality != metering::Quality::adjustment) account.covered_until = closing.span.end;
}

}  // namespace

Bookkeeper::Bookkeeper(metering::Ledger& ledger, loop::Executor& executor, loop::Scheduler& scheduler, metering::Output& output,
                       log::Logger& log, std::function<void()> unusable, std::function<void()> problem_changed)
    : ledger_(ledger),
      executor_(executor),
      scheduler_(scheduler),
      output_(output),
      log_(log),
      unusable_(std::move(unusable)),
      problem_changed_(std::move(problem_changed)),
      last_gc_tick_(ledger.last_gc_tick()),
      retry_pause_(first_retry) {}

// --- accounts --------------------------------------------------------------------------------------------------------------

void Bookkeeper::open(metering::AccountRequest request, Opened done) {
  openings_.push_back({std::move(request), std::move(done)});
  open_accounts();
}

/// While something of a place waits for the disk, the ledger's registers and the end of its time are those of the past: such an
/// account is opened when that is stored. When the disk refuses, nobody knows when that is, and it is to be asked for again.
void Bookkeeper::open_accounts() {
  if (is_unusable_) return;
  for (auto& opening : std::exchange(openings_, {})) {
    if (!is_reopening_ && !waits(opening.request.place_id)) {
      submit_opening(std::move(opening));
    } else if (!retry_timer_.is_set()) {
      openings_.push_back(std::move(opening));
    } else {
      scheduler_.post([place_id = opening.request.place_id, done = std::move(opening.done)] {
        done(failure(Errc::ledger_busy, Remedy::wait, "what was metered of \"" + place_id + "\" still waits for the disk"));
      });
    }
  }
}

bool Bookkeeper::waits(const std::string& place_id) const {
  return std::any_of(accounts_.begin(), accounts_.end(),
                     [&](const auto& account) { return account.second.place_id == place_id && backlog_.has(account.first); });
}

void Bookkeeper::submit_opening(Opening opening) {
  auto job = [&ledger = ledger_, request = opening.request] { return ledger.open_account(request); };
  loop::submit(executor_, scheduler_, std::move(job),
               [this, guard = alive_.guard(), opening = std::move(opening)](Result<metering::Account> account) mutable {
                 if (!guard.expired()) opened(std::move(opening), std::move(account));
               });
}

void Bookkeeper::opened(Opening opening, Result<metering::Account> account) {
  if (!account) (void)is_beyond_use(account.error());
  if (is_unusable_) return;
  if (is_reopening_ || (account && backlog_.has(account->place))) {  // booked meanwhile
    open(std::move(opening.request), std::move(opening.done));
    return;
  }
  if (account) {
    accounts_[account->place] = *account;
    committed_[account->place] = *account;
    output_.committed(as_published(*account, {}));
  } else if (problem_ != account.error().detail) {
    log_.error("The ledger cannot open an account: " + account.error().detail, {{field::error, account.error().code.message()}},
               message_id::ledger_fault);
    set_problem(account.error().detail);
  }
  opening.done(std::move(account));
}

void Bookkeeper::announce(metering::Output& output) const {
  for (const auto& [place, account] : committed_) output.committed(as_published(account, {}));
}

// --- booking ---------------------------------------------------------------------------------------------------------------

void Bookkeeper::arm(std::vector<metering::ArmedLatch> latches, Done done) {
  if (is_unusable_) return;  // the outputs still say farewell
  backlog_.keep_intents(latches);
  Arming arming{std::move(latches), std::move(done)};
  if (is_reopening_ && retry_timer_.is_set()) {
    scheduler_.post(
        [problem = problem_, done = std::move(arming.done)] { done(failure(Errc::ledger_busy, Remedy::wait, problem)); });
    return;
  }
  if (is_reopening_) {
    armings_.push_back(std::move(arming));
    return;
  }
  auto job = [&ledger = ledger_, armed = arming.latches] { return ledger.arm(armed); };
  loop::submit(executor_, scheduler_, std::move(job),
               [this, guard = alive_.guard(), arming = std::move(arming)](const Result<void>& result) mutable {
                 if (!guard.expired()) armed(std::move(arming), result);
               });
}

void Bookkeeper::armed(Arming arming, const Result<void>& result) {
  if (!result) (void)is_beyond_use(result.error());
  if (is_unusable_) return;  // no latch on top of what cannot be booked
  if (is_reopening_) {
    arm(std::move(arming.latches), std::move(arming.done));
  } else {
    arming.done(result);
  }
}

void Bookkeeper::book(std::vector<metering::ModuleReport> reports, std::uint16_t last_gc_tick, Done durable, Answer answer) {
  Backlog::Entry entry;
  entry.commit.last_gc_tick = last_gc_tick;
  (answer == Answer::always ? entry.durable : entry.round_over).push_back(std::move(durable));
  for (auto& report : reports) {
    const auto it = accounts_.find(report.place);
    if (it == accounts_.end()) continue;  // reports come only for accounts that open() returned
    auto& account = it->second;
    metering::ModuleCommit module{report.place, report.module, {}, std::move(report.anchor), report.reset, report.next_intent};
    for (const auto& period : report.closed) {
      module.closings.push_back(metering::book(account, period));
      log_gap(account, module.closings.back());
    }
    entry.commit.modules.push_back(std::move(module));
  }
  add(std::move(entry));
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
  Backlog::Entry entry;
  metering::ModuleCommit module;
  module.place = account.place;
  module.module = account.module;
  module.keeps_intent = true;
  module.closings.push_back(*closing);
  entry.commit.modules.push_back(std::move(module));
  entry.durable.emplace_back(
      [done = std::move(done), line = Correction{account, std::move(*closing)}](const Result<void>& result) {
        if (!result) {
          done(failure(result.error()));
        } else {
          done(line);
        }
      });
  add(std::move(entry));
}

void Bookkeeper::add(Backlog::Entry entry) {
  backlog_.add(std::move(entry));
  if (!retry_timer_.is_set()) commit_next();
}

void Bookkeeper::commit_next() {
  if (backlog_.empty() || is_committing_ || is_reopening_ || is_unusable_) return;
  retry_timer_.cancel();
  is_committing_ = true;
  stall_timer_ = scheduler_.call_after(patience, [this] { tell_stall(); });
  loop::submit(
      executor_, scheduler_, [&ledger = ledger_, commit = backlog_.front().commit] { return ledger.commit(commit); },
      [this, guard = alive_.guard()](const Result<void>& result) {
        if (!guard.expired()) committed(result);
      });
}

void Bookkeeper::committed(const Result<void>& result) {
  is_committing_ = false;
  stall_timer_.cancel();
  if (!result) {
    // Then it stays the first, and is stored when the ledger is open again.
    if (is_unusable_ || is_reopening_ || is_beyond_use(result.error())) return;
    if (problem_ != result.error().detail) {
      log_.error("The ledger cannot be written: " + result.error().detail +
                     ". Metering goes on in memory, nothing is lost as long as the daemon runs.",
                 {{field::error, result.error().code.message()}}, message_id::ledger_fault);
      set_problem(result.error().detail);
    }
    retry_timer_ = scheduler_.call_after(retry_pause_, [this] { commit_next(); });
    retry_pause_ = std::min(retry_pause_ * 2, longest_retry);
    open_accounts();  // nobody knows for how long they would wait
    return;
  }
  if (!problem_.empty()) {
    const auto lasted = (scheduler_.clock().boot_now() - problem_since_) / seconds{1};
    log_.info("The ledger can be written again after " + std::to_string(lasted) + " s, " + std::to_string(backlog_.size()) +
                  " transactions waited",
              {}, message_id::ledger_back);
    set_problem({});
    retry_pause_ = first_retry;
  }
  may_reopen_ = true;
  const auto entry = backlog_.take_front();
  last_commit_ = scheduler_.clock().utc_now();
  for (const auto& module : entry.commit.modules) publish(module);
  for (const auto& durable : entry.durable) durable({});
  for (const auto& over : entry.round_over) over({});
  maintain_now_and_then();
  open_accounts();
  commit_next();
}

void Bookkeeper::tell_stall() {
  stall_timer_.cancel();
  if (!problem_.empty()) return;
  set_problem("the disk has taken no transaction for " + std::to_string(patience / std::chrono::minutes{1}) +
              " minutes and says no error");
  log_.error("The ledger waits: " + problem_ +
                 ". Metering goes on in memory, nothing is lost as long as the daemon runs. Is the disk or its adapter dying? "
                 "The kernel's log (journalctl -k) may say more.",
             {}, message_id::ledger_fault);
}

void Bookkeeper::set_problem(const std::string& problem) {
  if (problem_.empty()) problem_since_ = scheduler_.clock().boot_now();
  if (std::exchange(problem_, problem) != problem) problem_changed_();
}

void Bookkeeper::publish(const metering::ModuleCommit& module) {
  const auto known = committed_.find(module.place);
  if (module.closings.empty() || known == committed_.end()) return;
  auto& account = known->second;
  for (const auto& closing : module.closings) {
    follow(account, closing);
    log_totals(account, closing);
  }
  output_.committed(as_published(account, module.closings));
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
          log_.warning("The ledger's upkeep failed and will be tried again in an hour: " + result.error().detail, {},
                       message_id::ledger_upkeep);
      });
}

// --- log -------------------------------------------------------------------------------------------------------------------

/// At once, since it tells of no total: what is wrong with a module does not wait for the disk.
void Bookkeeper::log_gap(const metering::Account& account, const metering::Closing& closing) const {
  if (closing.quality != metering::Quality::gap) return;
  log_.warning("Module \"" + account.place_id + "\": " + length_of(closing) + " s are booked as a gap: " + closing.note,
               {{field::module, account.place_id},
                {field::module_uid, to_string(account.uid)},
                {field::period_begin, begin_of(closing)},
                {field::period_end, end_of(closing)}},
               message_id::gap_posted);
}

void Bookkeeper::log_totals(const metering::Account& account, const metering::Closing& closing) const {
  if (closing.quality == metering::Quality::gap || !log_.is_enabled(log::Level::debug)) return;
  for (const auto& posting : closing.postings) {
    const auto* channel = find_channel(account, posting.channel);
    if (channel == nullptr) continue;
    std::string line = account.place_id + "/" + channel->id + ": " + length_of(closing) + " s, " +
                       watt_hours(posting.energy_import) + " Wh in, " + watt_hours(posting.energy_export) + " Wh out; total " +
                       kilowatt_hours(posting.total_import) + " kWh in, " + kilowatt_hours(posting.total_export) + " kWh out (" +
                       std::string{to_string(closing.quality)} + ")";
    log_.debug(std::move(line), {{field::module, account.place_id},
                                 {field::channel, channel->id},
                                 {field::period_begin, begin_of(closing)},
                                 {field::period_end, end_of(closing)}});
  }
}

}  // namespace rbamp::daemon
