// When device messages are sent: never one topic twice within 5 s, once more 30 s after a change, not at all after somebody else
// emptied the topic. Home Assistant loses updates that come in quick succession. Home-assistant 5 and 6.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace rbamp::mqtt {

/// Pure; time comes as an argument. Loop thread only.
class DiscoverySchedule {
 public:
  /// What a device's message is now. Unchanged content owes nothing.
  void set(const std::string& object_id, std::string payload);
  /// The broker already holds exactly this: sending it changes nothing, so no repeat is needed after it.
  void note_held(const std::string& object_id, const std::string& payload);
  /// Everything is to be sent again, as after a reconnect. Emptied topics stay empty unless `revive_discarded`.
  void owe_all(bool revive_discarded);
  /// Nothing of this device goes out before.
  void defer(const std::string& object_id, BootTime until);
  /// Somebody else emptied the topic.
  void discard(const std::string& object_id);
  void remove(const std::string& object_id) { devices_.erase(object_id); }

  /// Devices whose message may go out now, the one named `first` in front (the bridge, on which the others hang).
  [[nodiscard]] std::vector<std::string> due(BootTime now, const std::string& first) const;
  [[nodiscard]] const std::string& payload(const std::string& object_id) const { return devices_.at(object_id).payload; }
  void sent(const std::string& object_id, BootTime now);
  /// When `due` may have more to say; nullopt: never by itself.
  [[nodiscard]] std::optional<BootTime> next() const;
  /// True while something that owe_all() asked for has not been sent.
  [[nodiscard]] bool is_owing() const;
  [[nodiscard]] bool knows(const std::string& object_id) const { return devices_.contains(object_id); }
  [[nodiscard]] bool is_discarded(const std::string& object_id) const;
  [[nodiscard]] std::vector<std::string> object_ids() const;

  static constexpr Microseconds spacing = std::chrono::seconds{5};
  static constexpr Microseconds repeat_after = std::chrono::seconds{30};

 private:
  struct Device {
    std::string payload;
    std::string held;      ///< what the broker has, as far as we know
    bool is_owed = false;  ///< to be sent as soon as spacing allows
    bool is_owed_since_connect = false;
    bool is_discarded = false;
    BootTime not_before{};
    std::optional<BootTime> last_sent;
    std::optional<BootTime> repeat_at;
  };
  [[nodiscard]] static std::optional<BootTime> due_at(const Device& device);

  std::map<std::string, Device> devices_;
};

}  // namespace rbamp::mqtt
