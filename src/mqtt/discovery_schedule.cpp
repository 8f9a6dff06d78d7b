#include "mqtt/discovery_schedule.hpp"

#include <algorithm>

namespace rbamp::mqtt {

void DiscoverySchedule::set(const std::string& object_id, std::string payload) {
  const auto [place, is_new] = devices_.try_emplace(object_id);
  Device& device = place->second;
  if (!is_new && device.payload == payload) return;
  device.payload = std::move(payload);
  device.is_owed = true;
}

void DiscoverySchedule::note_held(const std::string& object_id, const std::string& payload) {
  if (const auto found = devices_.find(object_id); found != devices_.end()) found->second.held = payload;
}

void DiscoverySchedule::owe_all(bool revive_discarded) {
  for (auto& [object_id, device] : devices_) {
    if (revive_discarded) device.is_discarded = false;
    if (device.is_discarded) continue;
    device.is_owed = true;
    device.is_owed_since_connect = true;
  }
}

void DiscoverySchedule::defer(const std::string& object_id, BootTime until) {
  if (const auto found = devices_.find(object_id); found != devices_.end()) found->second.not_before = until;
}

void DiscoverySchedule::discard(const std::string& object_id) {
  const auto found = devices_.find(object_id);
  if (found == devices_.end()) return;
  found->second.is_discarded = true;
  found->second.is_owed_since_connect = false;
  found->second.repeat_at.reset();
  found->second.held.clear();
}

std::optional<BootTime> DiscoverySchedule::due_at(const Device& device) {
  if (device.is_discarded) return std::nullopt;
  if (device.is_owed) return std::max(device.not_before, device.last_sent ? *device.last_sent + spacing : BootTime{});
  return device.repeat_at;
}

std::vector<std::string> DiscoverySchedule::due(BootTime now, const std::string& first) const {
  std::vector<std::string> list;
  for (const auto& [object_id, device] : devices_) {
    if (const auto when = due_at(device); when && *when <= now) list.push_back(object_id);
  }
  std::stable_partition(list.begin(), list.end(), [&first](const std::string& object_id) { return object_id == first; });
  return list;
}

void DiscoverySchedule::sent(const std::string& object_id, BootTime now) {
  const auto found = devices_.find(object_id);
  if (found == devices_.end()) return;
  Device& device = found->second;
  device.is_owed = false;
  device.is_owed_since_connect = false;
  device.last_sent = now;
  // A repeat finds the payload equal and ends the chain.
  device.repeat_at = device.held == device.payload ? std::nullopt : std::optional{now + repeat_after};
  device.held = device.payload;
}

std::optional<BootTime> DiscoverySchedule::next() const {
  std::optional<BootTime> earliest;
  for (const auto& [object_id, device] : devices_) {
    if (const auto when = due_at(device); when && (!earliest || *when < *earliest)) earliest = when;
  }
  return earliest;
}

bool DiscoverySchedule::is_owing() const {
  return std::any_of(devices_.begin(), devices_.end(), [](const auto& entry) { return entry.second.is_owed_since_connect; });
}

bool DiscoverySchedule::is_discarded(const std::string& object_id) const {
  const auto found = devices_.find(object_id);
  return found != devices_.end() && found->second.is_discarded;
}

std::vector<std::string> DiscoverySchedule::object_ids() const {
  std::vector<std::string> ids;
  for (const auto& [object_id, device] : devices_) ids.push_back(object_id);
  return ids;
}

}  // namespace rbamp::mqtt
