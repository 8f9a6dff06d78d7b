// A ledger in memory that survives the "process" of a test, refuses what contradicts it (I1, I2, I3), and can fail or die on demand.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metering/ledger.hpp"

namespace rbamp::support {

enum class LedgerStep { before_open, after_open, before_arm, after_arm, before_commit, after_commit };

class MemoryLedger final : public metering::Ledger {
 public:
  /// Called at each step; may throw to stand for the death of the process, or return an error to stand for a disk that refuses.
  std::function<std::optional<Error>(LedgerStep)> hook;

  Result<metering::Account> open_account(const metering::AccountRequest& request) override {
    if (auto error = at(LedgerStep::before_open)) return failure(*error);
    auto& place = places_[request.place_id];
    if (place.key == metering::PlaceKey{}) place.key = metering::PlaceKey{static_cast<std::int64_t>(places_.size())};
    if (!chips_.contains(request.uid)) chips_[request.uid] = metering::ModuleKey{static_cast<std::int64_t>(chips_.size() + 1)};
    metering::Account account{place.key, chips_[request.uid], request.place_id, request.uid, {}, {}, {}, place.covered_until, {}};
    for (const auto& wanted : request.channels) {
      auto& channel = place.channels[wanted.id];
      if (channel.key == metering::ChannelKey{}) {
        channel.key = metering::ChannelKey{next_channel_++};
        channel.registers.since = request.now;
      }
      account.channels.push_back({wanted.index, wanted.id, channel.key, channel.registers});
    }
    if (const auto anchor = anchors_.find({place.key, account.module}); anchor != anchors_.end()) account.anchor = anchor->second;
    if (const auto intent = intents_.find(account.module); intent != intents_.end()) account.intent = intent->second;
    if (place.last_chip && *place.last_chip != request.uid) account.previous_chip = place.last_chip;
    place.last_chip = place.last_chip.value_or(request.uid);
    if (auto error = at(LedgerStep::after_open)) return failure(*error);
    return account;
  }

  Result<void> arm(std::span<const metering::ArmedLatch> latches) override {
    if (auto error = at(LedgerStep::before_arm)) return failure(*error);
    for (const auto& latch : latches) intents_[latch.module] = latch.intent;
    if (auto error = at(LedgerStep::after_arm)) return failure(*error);
    return {};
  }

  Result<void> commit(const metering::RoundCommit& round) override {
    if (auto error = at(LedgerStep::before_commit)) return failure(*error);
    for (const auto& module : round.modules) {
      for (const auto& closing : module.closings) store(closing, module);
      if (module.anchor) anchors_[{module.place, module.module}] = *module.anchor;
      if (module.keeps_intent) {
        // as it is
      } else if (module.next_intent) {
        intents_[module.module] = *module.next_intent;
      } else {
        intents_.erase(module.module);
      }
      if (module.reset) ++resets;
    }
    if (round.last_gc_tick != metering::no_gc_tick) last_gc_tick_ = round.last_gc_tick;
    ++commits;
    if (auto error = at(LedgerStep::after_commit)) return failure(*error);
    return {};
  }

  std::uint16_t last_gc_tick() const override { return last_gc_tick_; }
  Result<void> maintain(UtcTime, bool) override { return {}; }

  /// In order of time.
  [[nodiscard]] std::vector<metering::Closing> closings(const std::string& place_id) const {
    const auto place = places_.find(place_id);
    return place == places_.end() ? std::vector<metering::Closing>{} : place->second.closings;
  }
  [[nodiscard]] metering::Registers registers(const std::string& place_id, const std::string& channel_id) const {
    return places_.at(place_id).channels.at(channel_id).registers;
  }
  [[nodiscard]] std::vector<std::string> places() const {
    std::vector<std::string> names;
    for (const auto& [name, place] : places_) names.push_back(name);
    return names;
  }

  int commits = 0;
  int resets = 0;
  std::vector<std::string> violations;  ///< of I1, I2, I3: must stay empty

 private:
  struct Channel {
    metering::ChannelKey key{};
    metering::Registers registers;
  };
  struct Place {
    metering::PlaceKey key{};
    std::map<std::string, Channel> channels;
    std::vector<metering::Closing> closings;
    std::optional<metering::Instant> covered_until;
    std::optional<ModuleUid> last_chip;
  };

  std::optional<Error> at(LedgerStep step) { return hook ? hook(step) : std::nullopt; }

  void store(const metering::Closing& closing, const metering::ModuleCommit& module) {
    for (auto& [name, place] : places_) {
      if (place.key != closing.place) continue;
      const auto where = name + " line " + std::to_string(place.closings.size());
      if (closing.span.length < Microseconds::zero()) violations.push_back(where + ": negative length");
      if (place.covered_until && place.covered_until->at != closing.span.begin.at)
        violations.push_back(where + ": I3, does not begin where the last one ended");
      for (const auto& posting : closing.postings) {
        for (auto& [id, channel] : place.channels) {
          if (channel.key != posting.channel) continue;
          auto& registers = channel.registers;
          if (posting.energy_import < MicroWattHours{} || posting.energy_export < MicroWattHours{})
            violations.push_back(where + ": I2, falls");
          if (registers.energy_import + posting.energy_import != posting.total_import)
            violations.push_back(where + ": I1, import");
          if (registers.energy_export + posting.energy_export != posting.total_export)
            violations.push_back(where + ": I1, export");
          registers.energy_import = posting.total_import;
          registers.energy_export = posting.total_export;
          registers.import_remainder = posting.import_remainder;
          registers.export_remainder = posting.export_remainder;
        }
      }
      place.covered_until = closing.span.end;
      for (const auto& [uid, key] : chips_) {
        if (key == module.module) place.last_chip = uid;
      }
      place.closings.push_back(closing);
    }
  }

  std::map<std::string, Place> places_;
  std::map<ModuleUid, metering::ModuleKey> chips_;
  std::map<std::pair<metering::PlaceKey, metering::ModuleKey>, metering::Anchor> anchors_;
  std::map<metering::ModuleKey, metering::Intent> intents_;
  std::int64_t next_channel_ = 1;
  std::uint16_t last_gc_tick_ = metering::no_gc_tick;
};

}  // namespace rbamp::support
