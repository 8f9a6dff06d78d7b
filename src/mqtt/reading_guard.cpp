#include "mqtt/reading_guard.hpp"

#include <algorithm>

#include "mqtt/number_text.hpp"

namespace rbamp::mqtt {
namespace {

/// `since` is published to the second, so that is how it is compared.
UtcTime to_the_second(UtcTime when) { return std::chrono::floor<std::chrono::seconds>(when); }

ShownRegisters higher(const ShownRegisters& a, const ShownRegisters& b) {
  return {std::max(a.import_wh, b.import_wh), std::max(a.export_wh, b.export_wh), a.since};
}

}  // namespace

void ReadingGuard::remember(const std::string& topic, const ShownRegisters& seen) {
  const auto found = seen_.find(topic);
  if (found == seen_.end()) {
    if (seen_.size() < most_unknown) seen_.emplace(topic, seen);
    return;
  }
  // A message that was read back late must not undo what was published meanwhile.
  if (found->second.since == seen.since) found->second = higher(found->second, seen);
}

ReadingGuard::Admitted ReadingGuard::admit(const std::string& topic, const metering::RegisterReading& committed) {
  const ShownRegisters ledger{whole_watt_hours(committed.energy_import), whole_watt_hours(committed.energy_export),
                              to_the_second(committed.since)};
  const auto [place, is_new] = seen_.try_emplace(topic, ledger);
  if (is_new || place->second.since != ledger.since) {
    place->second = ledger;
    return {ledger, false};
  }
  const ShownRegisters shown = higher(ledger, place->second);
  place->second = shown;
  return {shown, shown != ledger};
}

std::vector<std::string> ReadingGuard::topics() const {
  std::vector<std::string> topics;
  topics.reserve(seen_.size());
  for (const auto& [topic, registers] : seen_) topics.push_back(topic);
  return topics;
}

}  // namespace rbamp::mqtt
