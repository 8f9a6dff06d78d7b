// Every topic name, in one place. Design section 4, home-assistant 2, 3 and 7.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rbamp::mqtt {

/// Pure text; never fails. `B` below is the base topic, `P` the discovery prefix.
class Topics {
 public:
  Topics(std::string base, std::string discovery_prefix) : base_(std::move(base)), prefix_(std::move(discovery_prefix)) {}

  [[nodiscard]] const std::string& base() const { return base_; }
  [[nodiscard]] std::string status() const { return base_ + "/status"; }
  [[nodiscard]] std::string state() const { return base_ + "/state"; }
  [[nodiscard]] std::string latch_command() const { return base_ + "/cmd/latch"; }

  [[nodiscard]] std::string module_status(std::string_view module) const { return below(module, "status"); }
  [[nodiscard]] std::string module_status_filter() const { return below("+", "status"); }
  [[nodiscard]] std::string module_state(std::string_view module) const { return below(module, "state"); }
  [[nodiscard]] std::string restart_command(std::string_view module) const { return below(module, "cmd/restart"); }
  [[nodiscard]] std::string restart_filter() const { return below("+", "cmd/restart"); }

  [[nodiscard]] std::string channel_state(std::string_view module, std::string_view channel) const {
    return below(module, channel, "state");
  }
  [[nodiscard]] std::string channel_energy(std::string_view module, std::string_view channel) const {
    return below(module, channel, "energy");
  }
  [[nodiscard]] std::string channel_period(std::string_view module, std::string_view channel) const {
    return below(module, channel, "period");
  }
  [[nodiscard]] std::string channel_demand(std::string_view module, std::string_view channel) const {
    return below(module, channel, "demand");
  }
  [[nodiscard]] std::string module_config(std::string_view module) const { return below(module, "config"); }
  [[nodiscard]] std::string set_command(std::string_view module, std::string_view setting) const {
    return below(module, "set", setting);
  }
  [[nodiscard]] std::string set_filter() const { return below("+", "set", "+"); }
  [[nodiscard]] std::string module_event(std::string_view module) const { return below(module, "event"); }
  [[nodiscard]] std::string energy_filter() const { return below("+", "+", "energy"); }
  /// The channel whose registers are told on this topic; nothing when it is not one of this module's.
  [[nodiscard]] std::optional<std::string> energy_channel(std::string_view topic, std::string_view module) const;

  /// Identity of the daemon in Home Assistant: the base topic with everything but letters, digits, '_' and '-' as '_', since an
  /// object id may hold nothing else.
  [[nodiscard]] std::string identifier() const;
  [[nodiscard]] std::string module_identifier(std::string_view module) const { return identifier() + "_" + std::string{module}; }

  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] std::string discovery(std::string_view object_id) const {
    return prefix_ + "/device/" + std::string{object_id} + "/config";
  }
  /// Where other programs announce one entity each: P/<platform>/<node id>/<object id>/config.
  [[nodiscard]] std::string foreign_filter() const { return prefix_ + "/+/+/+/config"; }

 private:
  [[nodiscard]] std::string below(std::string_view module, std::string_view leaf) const;
  [[nodiscard]] std::string below(std::string_view module, std::string_view channel, std::string_view leaf) const;

  std::string base_;
  std::string prefix_;
};

}  // namespace rbamp::mqtt
