#include "mqtt/command_desk.hpp"

#include "log/fields.hpp"

namespace rbamp::mqtt {

bool CommandDesk::may_press(const std::string& topic) {
  const BootTime now = clock_.boot_now();
  std::erase_if(last_press_, [now](const auto& press) { return now - press.second >= press_spacing; });
  if (last_press_.contains(topic)) {
    refuse(topic, "it was pressed a moment ago");
    return false;
  }
  if (last_press_.size() >= most_buttons) {
    refuse(topic, "too many commands at once");
    return false;
  }
  last_press_.emplace(topic, now);
  return true;
}

void CommandDesk::latch(const std::string& topic) {
  if (!may_press(topic)) return;
  logger_.info("command over MQTT: latch every module now");
  fleet_.latch_now();
}

void CommandDesk::restart(const std::string& topic, const std::string& module_id) {
  if (!may_press(topic)) return;
  if (!fleet_.restart_module(module_id)) {
    refuse(topic, "no such module is metered, or it does not answer");
    return;
  }
  logger_.info("command over MQTT: restart module " + module_id, {{log::field::module, module_id}});
}

void CommandDesk::refuse(const std::string& topic, const std::string& words) {
  const BootTime now = clock_.boot_now();
  if (last_refusal_ && now - *last_refusal_ < refusal_spacing) {
    ++silent_refusals_;
    return;
  }
  std::string line = "a command on " + topic + " is ignored: " + words;
  if (silent_refusals_ > 0) line += " (and " + std::to_string(silent_refusals_) + " more commands since the last record)";
  last_refusal_ = now;
  silent_refusals_ = 0;
  logger_.warning(std::move(line));
}

}  // namespace rbamp::mqtt
