#include "daemon/event_desk.hpp"

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::daemon {
namespace {

namespace message_id = log::message_id;
using metering::EventKind;

struct Entry {
  log::Level level;
  log::MessageId id;
};

/// Nothing for what the fleet logs where it happens, with more words.
std::optional<Entry> entry_of(EventKind kind) {
  switch (kind) {
    case EventKind::turn_on:
    case EventKind::turn_off: return Entry{log::Level::info, message_id::power_step};
    case EventKind::over_voltage:
    case EventKind::under_voltage:
    case EventKind::frequency_abnormal: return Entry{log::Level::warning, message_id::mains_abnormal};
    case EventKind::voltage_normal:
    case EventKind::frequency_normal: return Entry{log::Level::info, message_id::mains_abnormal};
    case EventKind::threshold_current:
    case EventKind::threshold_power: return Entry{log::Level::info, message_id::threshold_crossed};
    case EventKind::clamp_reversed:
    case EventKind::clamp_saturated:
    case EventKind::rulers_disagree:
    case EventKind::module_error: return Entry{log::Level::warning, message_id::measuring_doubtful};
    case EventKind::module_reset: return Entry{log::Level::warning, message_id::module_reset};
    case EventKind::module_lost:
    case EventKind::module_back: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void EventDesk::set_settings(const metering::EventSettings& settings) {
  if (settings == settings_) return;
  settings_ = settings;
  for (auto& [id, module] : modules_) module.watch = metering::EventWatch{settings_, module.role};
}

void EventDesk::describe(const metering::ModuleDescription& module) {
  const auto known = modules_.find(module.id);
  if (known != modules_.end() && known->second.role == module.role) return;
  modules_.insert_or_assign(module.id, Module{module.role, metering::EventWatch{settings_, module.role}});
}

void EventDesk::set_reachable(const std::string& module_id, bool reachable) {
  const auto known = modules_.find(module_id);
  if (known != modules_.end() && !reachable) known->second.watch.restart();
}

void EventDesk::live(const metering::Reading& reading) {
  const auto known = modules_.find(reading.module_id);
  if (known == modules_.end()) return;
  for (const auto& found : known->second.watch.add(reading)) env_.outputs.event(found);
}

bool EventDesk::is_for_the_journal(const metering::Event& event) {
  if (event.kind != EventKind::turn_on && event.kind != EventKind::turn_off) return true;
  if (steps_ == 0 || event.at - steps_since_ >= std::chrono::hours{24}) {
    steps_since_ = event.at;
    steps_ = 0;
  }
  if (++steps_ == journal_steps_per_day)
    env_.log.info("Loads that are switched are shown here " + std::to_string(journal_steps_per_day) +
                      " times a day; rbampctl events has all of them",
                  {}, message_id::power_step);
  return steps_ < journal_steps_per_day;
}

void EventDesk::event(const metering::Event& event) {
  if (const auto entry = entry_of(event.kind); entry && is_for_the_journal(event)) {
    const auto where = event.channel_id.empty() ? event.module_id : event.module_id + "/" + event.channel_id;
    env_.log.tell(entry->level, where + ": " + event.text,
                  {{log::field::module, event.module_id}, {log::field::channel, event.channel_id}}, entry->id);
  }
  const metering::Instant at{env_.boot, event.at, event.utc, env_.scheduler.clock().utc_is_synchronised()};
  env_.executor.run(
      [store = env_.store, stored = storage::LedgerEvent{at, event.module_id, event.channel_id,
                                                         std::string{to_string(event.kind)}, event.text}] { store(stored); });
}

}  // namespace rbamp::daemon
