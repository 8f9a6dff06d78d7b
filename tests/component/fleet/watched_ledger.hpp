// A ledger in front of another: dies or refuses at any step on demand, sees every line that became durable, and holds each to I1, I2, I3.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metering/ledger.hpp"
#include "support/memory_ledger.hpp"

namespace rbamp::support {

/// A durable line, with names instead of keys.
struct WatchedLine {
  std::string place;
  metering::Closing closing;
  std::vector<std::uint8_t> inputs;  ///< of the module, for each posting
};

class WatchedLedger final : public metering::Ledger {
 public:
  explicit WatchedLedger(metering::Ledger& inner) : inner_(inner) {}

  /// Called at each step. Before one: an error is a disk that refuses, an exception the death of the process. After one: only the latter.
  std::function<std::optional<Error>(LedgerStep)> hook;

  Result<metering::Account> open_account(const metering::AccountRequest& request) override {
    if (auto error = at(LedgerStep::before_open)) return failure(*error);
    auto account = inner_.open_account(request);
    if (account) learn(*account);
    (void)at(LedgerStep::after_open);
    return account;
  }

  Result<void> arm(std::span<const metering::ArmedLatch> latches) override {
    if (auto error = at(LedgerStep::before_arm)) return failure(*error);
    auto armed = inner_.arm(latches);
    (void)at(LedgerStep::after_arm);
    return armed;
  }

  Result<void> commit(const metering::RoundCommit& round) override {
    if (auto error = at(LedgerStep::before_commit)) return failure(*error);
    auto committed = inner_.commit(round);
    if (!committed) {
      violations.push_back("a round was refused: " + committed.error().detail);
      return committed;
    }
    for (const auto& module : round.modules) {
      for (const auto& closing : module.closings) take(closing);
    }
    ++commits;
    (void)at(LedgerStep::after_commit);
    return committed;
  }

  std::uint16_t last_gc_tick() const override { return inner_.last_gc_tick(); }
  Result<void> maintain(UtcTime now, bool trusted) override { return inner_.maintain(now, trusted); }

  /// The lines that became durable since the last call.
  [[nodiscard]] std::vector<WatchedLine> take_lines() { return std::exchange(fresh_, {}); }
  /// End of the newest durable line of a place.
  [[nodiscard]] std::optional<BootTime> covered_until(const std::string& place_id) const {
    for (const auto& [key, place] : places_) {
      if (place.name == place_id) return place.covered_until;
    }
    return std::nullopt;
  }
  /// The registers of one channel ("place/channel") as they are durable.
  [[nodiscard]] const std::map<std::string, metering::Registers>& registers() const { return registers_; }

  int commits = 0;
  std::vector<std::string> violations;  ///< of I1, I2, I3, or a refused round: must stay empty

 private:
  struct Channel {
    std::string name;
    std::uint8_t input = 0;
  };
  struct Place {
    std::string name;
    std::optional<BootTime> covered_until;
  };

  std::optional<Error> at(LedgerStep step) const { return hook ? hook(step) : std::nullopt; }

  void learn(const metering::Account& account) {
    places_[account.place].name = account.place_id;
    for (const auto& channel : account.channels) {
      const auto name = account.place_id + "/" + channel.id;
      channels_[channel.key] = {name, channel.index.value()};
      if (const auto known = registers_.find(name); known == registers_.end()) {
        registers_[name] = channel.registers;
      } else if (known->second.energy_import != channel.registers.energy_import ||
                 known->second.energy_export != channel.registers.energy_export) {
        violations.push_back(name + ": I1, the register that was opened is not the one that was stored");
      }
    }
  }

  void take(const metering::Closing& closing) {
    auto& place = places_.at(closing.place);
    WatchedLine line{place.name, closing, {}};
    const auto where = place.name + " at " + std::to_string(closing.span.begin.at.time_since_epoch().count()) + " us";
    if (place.covered_until && *place.covered_until != closing.span.begin.at)
      violations.push_back(where + ": I3, does not begin where the line before it ended");
    if (closing.span.length != closing.span.end.at - closing.span.begin.at || closing.span.length < Microseconds::zero())
      violations.push_back(where + ": I3, its length is not the time from its begin to its end");
    place.covered_until = closing.span.end.at;
    for (const auto& posting : closing.postings) {
      const auto& channel = channels_.at(posting.channel);
      auto& registers = registers_.at(channel.name);
      if (posting.energy_import < MicroWattHours{} || posting.energy_export < MicroWattHours{})
        violations.push_back(where + ": I2, a register falls");
      if (registers.energy_import + posting.energy_import != posting.total_import ||
          registers.energy_export + posting.energy_export != posting.total_export)
        violations.push_back(where + ": I1, the total is not the sum of the lines");
      registers.energy_import = posting.total_import;
      registers.energy_export = posting.total_export;
      line.inputs.push_back(channel.input);
    }
    fresh_.push_back(std::move(line));
  }

  metering::Ledger& inner_;
  std::map<metering::PlaceKey, Place> places_;
  std::map<metering::ChannelKey, Channel> channels_;
  std::map<std::string, metering::Registers> registers_;
  std::vector<WatchedLine> fresh_;
};

}  // namespace rbamp::support
