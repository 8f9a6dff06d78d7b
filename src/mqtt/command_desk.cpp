#include "mqtt/command_desk.hpp"

#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::mqtt {

bool CommandDesk::may_press(const std::string& topic, Microseconds spacing) {
  const BootTime now = clock_.boot_now();
  std::erase_if(next_press_, [now](const auto& press) { return now >= press.second; });
  if (next_press_.contains(topic)) {
    refuse(topic, "there was one a moment ago");
    return false;
  }
  if (next_press_.size() >= most_buttons) {
    refuse(topic, "too many commands at once");
    return false;
  }
  next_press_.emplace(topic, now + spacing);
  return true;
}

void CommandDesk::latch(const std::string& topic) {
  if (!may_press(topic, press_spacing)) return;
  logger_.info("command over MQTT: latch every module now");
  fleet_.latch_now();
}

void CommandDesk::restart(const std::string& topic, const std::string& module_id) {
  if (!may_press(topic, press_spacing)) return;
  if (!fleet_.restart_module(module_id)) {
    refuse(topic, "no such module is metered, or it does not answer");
    return;
  }
  logger_.info("command over MQTT: restart module " + module_id, {{log::field::module, module_id}});
}

void CommandDesk::set(const std::string& topic, const metering::SettingOrder& order, std::function<void()> done) {
  if (!may_press(topic, setting_spacing)) {
    done();
    return;
  }
  settings_.set(order, [this, topic, done = std::move(done), guard = alive_.guard()](const Result<void>& result) {
    if (guard.expired()) return;
    if (!result) refuse(topic, result.error().detail);
    done();
  });
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
  logger_.warning(std::move(line), {}, log::message_id::order_refused);
}

}  // namespace rbamp::mqtt
