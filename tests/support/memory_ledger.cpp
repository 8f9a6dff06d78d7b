#include "support/memory_ledger.hpp"

namespace rbamp::support {

Result<metering::Account> MemoryLedger::open_account(const metering::AccountRequest& request) {
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
  // As the file has it: where a chip was metered last is all that is known of it.
  const auto anchor = anchors_.find(account.module);
  if (anchor != anchors_.end() && anchor->second.first == place.key) account.anchor = anchor->second.second;
  if (const auto intent = intents_.find(account.module); intent != intents_.end()) account.intent = intent->second;
  if (place.last_chip && *place.last_chip != request.uid) account.previous_chip = place.last_chip;
  place.last_chip = place.last_chip.value_or(request.uid);
  if (auto error = at(LedgerStep::after_open)) return failure(*error);
  return account;
}

Result<void> MemoryLedger::arm(std::span<const metering::ArmedLatch> latches) {
  if (auto error = at(LedgerStep::before_arm)) return failure(*error);
  for (const auto& latch : latches) intents_[latch.module] = latch.intent;
  if (auto error = at(LedgerStep::after_arm)) return failure(*error);
  return {};
}

Result<void> MemoryLedger::commit(const metering::RoundCommit& round) {
  if (auto error = at(LedgerStep::before_commit)) return failure(*error);
  for (const auto& module : round.modules) {
    for (const auto& closing : module.closings) store(closing, module);
    if (module.anchor) anchors_[module.module] = {module.place, *module.anchor};
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

std::vector<metering::Closing> MemoryLedger::closings(const std::string& place_id) const {
  const auto place = places_.find(place_id);
  return place == places_.end() ? std::vector<metering::Closing>{} : place->second.closings;
}

metering::Registers MemoryLedger::registers(const std::string& place_id, const std::string& channel_id) const {
  return places_.at(place_id).channels.at(channel_id).registers;
}

std::vector<std::string> MemoryLedger::places() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : places_) names.push_back(name);
  return names;
}

void MemoryLedger::store(const metering::Closing& closing, const metering::ModuleCommit& module) {
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
        if (registers.energy_import + posting.energy_import != posting.total_import) violations.push_back(where + ": I1, import");
        if (registers.energy_export + posting.energy_export != posting.total_export) violations.push_back(where + ": I1, export");
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

}  // namespace rbamp::support
