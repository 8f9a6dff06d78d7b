// What the publisher says: states, registers, periods. Its life is in publisher.cpp.
#include <algorithm>
#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"
#include "mqtt/number_text.hpp"
#include "mqtt/publisher.hpp"

namespace rbamp::mqtt {
namespace {

bool has_channel(const metering::ModuleDescription& module, const std::string& channel_id) {
  return std::any_of(module.channels.begin(), module.channels.end(),
                     [&channel_id](const auto& channel) { return channel.id == channel_id; });
}

}  // namespace

void Publisher::put(Rank rank, std::string topic, std::string payload) {
  outbox_.put(rank, Message{std::move(topic), std::move(payload), true});
}

void Publisher::describe(const metering::ModuleDescription& module) {
  ModuleView& view = modules_[module.id];
  if (view.description) note_channels(*view.description);
  const bool is_new = !view.description.has_value();
  view.description = module;
  absent_.erase(module.id);
  if (discovery_) {
    discovery_->describe(module);
    if (is_new && session_.is_up()) session_.connection().subscribe(topics_.discovery(discovery_->object_id_of(module.id)));
  }
  if (phase_ != Phase::online) return;
  put_module(view, module.id);
  put_status(Rank::module_status, view, module.id);
  want_pump();
}

void Publisher::set_reachable(const std::string& module_id, bool reachable) {
  ModuleView& view = modules_[module_id];
  view.is_reachable = reachable;
  if (phase_ != Phase::online) return;
  put_status(Rank::module_status, view, module_id);
  want_pump();
}

void Publisher::live(const metering::Reading& reading) {
  ModuleView& view = modules_[reading.module_id];
  view.reading = reading;
  view.has_new_reading = true;
  if (options_.mqtt.live_interval > Microseconds::zero()) want_live();
}

void Publisher::committed(const metering::CommittedModule& module) {
  ModuleView& view = modules_[module.module_id];
  if (!module.registers.empty()) view.registers = module.registers;
  note_lowered(module);
  if (phase_ == Phase::offline || !view.description) return;
  if (phase_ != Phase::reading_back) {
    if (options_.mqtt.live_interval <= Microseconds::zero()) {
      if (view.has_new_reading) put_reading(view, module.module_id);
      if (has_new_daemon_state_ && daemon_) put(Rank::state, topics_.state(), daemon_state_payload(*daemon_));
      has_new_daemon_state_ = false;
    }
    put_registers(view, module.module_id);
  }
  if (view.description->has_energy()) {
    for (const auto& posting : module.postings) {
      outbox_.put(Rank::period,
                  Message{topics_.channel_period(module.module_id, posting.channel_id), period_payload(posting), false});
    }
  }
  want_pump();
}

void Publisher::note_lowered(const metering::CommittedModule& module) {
  for (const auto& posting : module.postings) {
    if (posting.quality != metering::Quality::adjustment) continue;
    if (posting.energy_import >= MicroWattHours{} && posting.energy_export >= MicroWattHours{}) continue;
    const std::string topic = topics_.channel_energy(module.module_id, posting.channel_id);
    lowered_.insert(topic);
    told_held_.erase(topic);
  }
}

void Publisher::removed(const std::string& module_id) {
  // It may come back with other channels, as it does in a reload.
  if (const auto found = modules_.find(module_id); found != modules_.end()) {
    if (found->second.description) note_channels(*found->second.description);
    modules_.erase(found);
  }
  absent_.insert(module_id);
  if (discovery_) discovery_->drop(module_id);
  if (phase_ != Phase::online) return;
  put(Rank::module_status, topics_.module_status(module_id), "offline");
  want_pump();
}

/// Left behind by the process before us, for a module that does not answer now, or is not configured any more.
void Publisher::online_held(const std::string& module_id) {
  // One that is described says its own status.
  if (const auto view = modules_.find(module_id); view != modules_.end() && view->second.description) return;
  if (absent_.size() >= most_held_online || !absent_.insert(module_id).second || phase_ != Phase::online) return;
  put(Rank::module_status, topics_.module_status(module_id), "offline");
  want_pump();
}

void Publisher::event(const metering::Event& event) {
  if (phase_ != Phase::online) return;  // news of a time without a broker would be told as if it happened now
  outbox_.put(Rank::period, Message{topics_.module_event(event.module_id), event_payload(event), false});
  want_pump();
}

void Publisher::demand(const metering::DemandReport& report) {
  ModuleView& view = modules_[report.module_id];
  view.demands.insert_or_assign(report.channel_id, report);
  if (phase_ != Phase::online || !view.description || !has_channel(*view.description, report.channel_id)) return;
  put(Rank::state, topics_.channel_demand(report.module_id, report.channel_id), demand_payload(report));
  want_pump();
}

void Publisher::settings(const metering::ModuleSettings& settings) {
  ModuleView& view = modules_[settings.module_id];
  view.settings = settings;
  if (phase_ != Phase::online) return;
  put_settings(view, settings.module_id);
  want_pump();
}

void Publisher::daemon_state(const metering::DaemonState& state) {
  const bool is_important = !daemon_ || daemon_->started != state.started || daemon_->modules_online != state.modules_online ||
                            daemon_->problem != state.problem;
  daemon_ = state;
  has_new_daemon_state_ = true;
  if (phase_ != Phase::online) return;
  if (is_important) {
    has_new_daemon_state_ = false;
    put(Rank::state, topics_.state(), daemon_state_payload(state));
    want_pump();
  } else if (options_.mqtt.live_interval > Microseconds::zero()) {
    want_live();  // an error counter may move many times a second
  }
}

void Publisher::want_live() {
  if (phase_ != Phase::online || live_timer_.is_set()) return;
  if (scheduler_.clock().boot_now() >= next_live_) {
    flush_live();
  } else {
    live_timer_ = scheduler_.call_at(next_live_, [this] { flush_live(); });
  }
}

void Publisher::flush_live() {
  live_timer_.cancel();
  next_live_ = scheduler_.clock().boot_now() + options_.mqtt.live_interval;
  for (auto& [module_id, view] : modules_) {
    if (view.has_new_reading) put_reading(view, module_id);
  }
  if (has_new_daemon_state_ && daemon_) put(Rank::state, topics_.state(), daemon_state_payload(*daemon_));
  has_new_daemon_state_ = false;
  want_pump();
}

void Publisher::put_everything(Rank rank_of_status) {
  if (daemon_) put(Rank::state, topics_.state(), daemon_state_payload(*daemon_));
  has_new_daemon_state_ = false;
  for (auto& [module_id, view] : modules_) {
    put_module(view, module_id);
    put_status(rank_of_status, view, module_id);
  }
  for (const auto& module_id : absent_) put(rank_of_status, topics_.module_status(module_id), "offline");
}

void Publisher::note_channels(const metering::ModuleDescription& module) {
  for (const auto& channel : module.channels) noted_channels_[module.id].insert(channel.id);
}

void Publisher::clear_former_channels(const metering::ModuleDescription& module) {
  auto former = std::exchange(noted_channels_[module.id], {});
  // What the process before us described is known by the registers that the broker retains.
  for (const auto& topic : guard_.topics()) {
    if (auto channel = topics_.energy_channel(topic, module.id)) former.insert(std::move(*channel));
  }
  for (const auto& channel : former) {
    if (has_channel(module, channel)) continue;
    put(Rank::state, topics_.channel_state(module.id, channel), {});
    put(Rank::state, topics_.channel_demand(module.id, channel), {});
    put(Rank::energy, topics_.channel_energy(module.id, channel), {});
    guard_.forget(topics_.channel_energy(module.id, channel));
  }
}

/// The read back ends with the last register that is waited for: those of former channels may come after it.
void Publisher::clear_held_channel(const std::string& energy_topic) {
  for (const auto& [module_id, view] : modules_) {
    if (!view.description || !topics_.energy_channel(energy_topic, module_id)) continue;
    clear_former_channels(*view.description);
    want_pump();
  }
}

void Publisher::put_module(ModuleView& view, const std::string& module_id) {
  if (view.description) clear_former_channels(*view.description);
  put_reading(view, module_id);
  put_registers(view, module_id);
  put_settings(view, module_id);
  if (!view.description) return;
  for (const auto& [channel_id, report] : view.demands) {
    if (has_channel(*view.description, channel_id))
      put(Rank::state, topics_.channel_demand(module_id, channel_id), demand_payload(report));
  }
}

void Publisher::put_reading(ModuleView& view, const std::string& module_id) {
  if (!view.description || !view.reading) return;
  view.has_new_reading = false;
  put(Rank::state, topics_.module_state(module_id), module_state_payload(*view.reading));
  for (const auto& channel : view.reading->channels) {
    if (!has_channel(*view.description, channel.id)) continue;
    put(Rank::state, topics_.channel_state(module_id, channel.id), channel_state_payload(channel));
  }
}

void Publisher::put_settings(const ModuleView& view, const std::string& module_id) {
  if (!view.description || !view.settings) return;
  put(Rank::state, topics_.module_config(module_id), settings_payload(*view.description, *view.settings));
}

void Publisher::put_registers(const ModuleView& view, const std::string& module_id) {
  // Where no energy is metered, a register of 0 kWh would be an invention.
  if (!view.description || !view.description->has_energy()) return;
  for (const auto& registers : view.registers) {
    if (!has_channel(*view.description, registers.channel_id)) continue;
    const std::string topic = topics_.channel_energy(module_id, registers.channel_id);
    const auto [shown, is_held] = guard_.admit(topic, registers);
    if (is_held) tell_held(topic, registers, shown);
    put(Rank::energy, topic, energy_payload(shown));
  }
}

void Publisher::put_status(Rank rank, const ModuleView& view, const std::string& module_id) {
  if (!view.description || !view.is_reachable) return;
  put(rank, topics_.module_status(module_id), *view.is_reachable ? "online" : "offline");
}

void Publisher::tell_held(const std::string& topic, const metering::RegisterReading& ledger, const ShownRegisters& shown) {
  if (!told_held_.insert(topic).second) return;
  const std::string what = topic + " (" + kwh_text(whole_watt_hours(ledger.energy_import)) + " and " +
                           kwh_text(whole_watt_hours(ledger.energy_export)) + " kWh against " + kwh_text(shown.import_wh) +
                           " and " + kwh_text(shown.export_wh) + ")";
  logger_.warning(lowered_.contains(topic)
                      ? "a correction set a register lower than what was published on " + what +
                            ": there the higher values stay until the ledger has caught up"
                      : "the ledger is behind what was published on " + what +
                            ": an older database, or a correction? The higher values stay until the ledger has caught up",
                  {{log::field::channel, ledger.channel_id}}, log::message_id::register_held);
}

}  // namespace rbamp::mqtt
