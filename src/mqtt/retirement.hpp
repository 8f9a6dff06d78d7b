// Which components Home Assistant has been told about, and which of them are gone: leaving one out of the message removes nothing,
// so a stub stays in it for a good while, across restarts. Home-assistant 5.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "mqtt/device_document.hpp"

namespace rbamp::mqtt {

/// Pure; time comes as an argument. Loop thread only.
class Retirement {
 public:
  /// What was remembered by `to_text`. A text that is damaged or from a later version gives an empty memory: the worst that follows
  /// is an entity that the owner has to delete by hand.
  [[nodiscard]] static Retirement from_text(const std::string& text);
  [[nodiscard]] std::string to_text() const;

  /// Takes what a device consists of now; returns what must still be named as a stub. `now` is nullopt while the clock cannot be
  /// trusted: then nothing expires, and what is newly gone counts from the next call with a time.
  [[nodiscard]] Stubs update(const DeviceDocument& document, std::optional<UtcTime> now);
  /// Takes what the broker still holds for a device, for the case that our own memory was lost.
  void learn(const std::string& object_id, const std::map<std::string, Component>& on_broker);
  void forget(const std::string& object_id) { devices_.erase(object_id); }

  /// True when `to_text` would give something else than at the last call of `mark_stored`.
  [[nodiscard]] bool has_changed() const { return has_changed_; }
  void mark_stored() { has_changed_ = false; }

  static constexpr std::chrono::hours lifetime{24 * 30};

 private:
  struct Known {
    std::string platform;
    bool is_gone = false;
    std::optional<UtcTime> gone_since;  ///< none: gone, but no trusted time was there to say since when
    bool operator==(const Known&) const = default;
  };
  using Components = std::map<std::string, Known>;

  std::map<std::string, Components> devices_;
  bool has_changed_ = false;
};

}  // namespace rbamp::mqtt
