// A bookkeeper by itself, in virtual time: places with two channels, periods of a minute, a ledger that refuses, breaks and is opened anew.
#pragma once

#include <set>

#include "daemon/bookkeeper.hpp"
#include "loop/virtual_loop.hpp"
#include "support/catch.hpp"
#include "support/memory_ledger.hpp"
#include "support/memory_sink.hpp"
#include "support/recorded_output.hpp"

namespace rbamp::support {

/// A ledger in memory that can be damaged, and be opened anew then; its accounts must be opened again after that.
class BreakableLedger final : public metering::Ledger {
 public:
  MemoryLedger memory;
  bool is_damaged = false;
  bool is_forgetful = false;  ///< registers are not what they were
  bool is_another = false;    ///< places have other numbers
  /// What opening it anew does; missing: it works.
  std::function<Result<void>()> repair;
  int reopenings = 0;

  Result<metering::Account> open_account(const metering::AccountRequest& request) override {
    if (is_damaged) return failure(damage());
    auto account = memory.open_account(request);
    if (!account) return account;
    open_.insert(account->place);
    if (is_forgetful) account->channels.front().registers.energy_import = {};
    if (is_another) account->place = metering::PlaceKey{100};
    return account;
  }
  Result<void> arm(std::span<const metering::ArmedLatch> latches) override {
    if (is_damaged) return failure(damage());
    ++arms;
    return memory.arm(latches);
  }
  Result<void> commit(const metering::RoundCommit& round) override {
    if (is_damaged) return failure(damage());
    for (const auto& module : round.modules) {
      if (!open_.contains(module.place)) return failure(Errc::ledger_damaged, Remedy::give_up, "its place is not open");
    }
    return memory.commit(round);
  }
  Result<void> reopen(const metering::Instant& /*now*/) override {
    ++reopenings;
    open_.clear();
    if (repair) {
      if (auto done = repair(); !done) return done;
    }
    is_damaged = false;
    return {};
  }
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return memory.last_gc_tick(); }
  Result<void> maintain(UtcTime now, bool trusted) override { return memory.maintain(now, trusted); }

  int arms = 0;

 private:
  static Error damage() { return {Errc::ledger_damaged, Remedy::reinitialise, "page 7 is malformed"}; }
  std::set<metering::PlaceKey> open_;
};

/// Keeps each word about a commit.
struct CommitListener final : metering::Output {
  void describe(const metering::ModuleDescription& /*module*/) override {}
  void set_reachable(const std::string& /*module_id*/, bool /*reachable*/) override {}
  void live(const metering::Reading& /*reading*/) override {}
  void committed(const metering::CommittedModule& module) override { heard.push_back(module); }
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  std::vector<metering::CommittedModule> heard;
};

struct Office {
  static constexpr std::chrono::seconds minute{60};
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  loop::InlineExecutor executor;
  MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  CommitListener output;
  BreakableLedger ledger;
  int ends = 0;
  daemon::Bookkeeper bookkeeper{ledger, executor, loop, output, logger, [this] { ++ends; }};
  metering::Instant now{BootId{BootId::Bytes{7}}, clock.boot_now(), clock.utc_now(), true};

  static ModuleUid chip(std::uint8_t number) { return ModuleUid{ModuleUid::Bytes{number}}; }

  /// What the bookkeeper answers, now or in the next two minutes.
  Result<metering::Account> open(const std::string& place, std::uint8_t chip_number = 1) {
    std::optional<Result<metering::Account>> answer;
    ask_for(place, chip_number, answer);
    loop.run_for(2 * minute);
    REQUIRE(answer);
    return *answer;
  }
  void ask_for(const std::string& place, std::uint8_t chip_number, std::optional<Result<metering::Account>>& answer) {
    bookkeeper.open({place, chip(chip_number), {{ChannelIndex{0}, "ch0"}, {ChannelIndex{1}, "ch1"}}, clock.utc_now()},
                    [&answer](Result<metering::Account> account) { answer = std::move(account); });
  }
  /// A minute with `wh` on the first channel. It lies on the time line of the test, not of the clock.
  void book(
      const metering::Account& account, double wh, metering::Accounting::Done durable = [](const Result<void>&) {}) {
    metering::ClosedPeriod period;
    period.span.begin = now;
    now.at += minute;
    now.utc += minute;
    period.span.end = now;
    period.span.length = minute;
    period.channels = {{ChannelIndex{0}, WattHours{wh}, WattHours{0.0}}, {ChannelIndex{1}, WattHours{0.0}, WattHours{0.0}}};
    metering::ModuleReport report;
    report.module = account.module;
    report.place = account.place;
    report.closed.push_back(std::move(period));
    bookkeeper.book({std::move(report)}, metering::no_gc_tick, std::move(durable), metering::Accounting::Answer::always);
  }
  void refuse() {
    ledger.memory.hook = [](LedgerStep step) -> std::optional<Error> {
      if (step != LedgerStep::before_commit) return std::nullopt;
      return Error{Errc::ledger_full, Remedy::wait, "the disk is full"};
    };
  }
  void make_room() { ledger.memory.hook = nullptr; }
  /// In watt-hours, as it is told to whoever asks.
  [[nodiscard]] double told(const metering::Account& account) const {
    return bookkeeper.accounts().at(account.place).channels.at(0).registers.energy_import.to_watt_hours().value();
  }
  [[nodiscard]] double stored(const std::string& place) const {
    return ledger.memory.registers(place, "ch0").energy_import.to_watt_hours().value();
  }
};

}  // namespace rbamp::support
