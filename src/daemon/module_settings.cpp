#include "daemon/module_settings.hpp"

#include <utility>

#include "commissioning/decimal.hpp"
#include "log/fields.hpp"
#include "loop/executor.hpp"

namespace rbamp::daemon {
namespace {

using metering::CtModel;
using metering::CurrentThreshold;
using metering::PowerThreshold;
using metering::SettingOrder;

std::string words_of(const SettingOrder& order) {
  if (const auto* current = std::get_if<CurrentThreshold>(&order.wish)) {
    return "its current threshold is " + (current->value ? commissioning::decimal(current->value->value(), 2) + " A" : "off");
  }
  if (const auto* power = std::get_if<PowerThreshold>(&order.wish))
    return "its power threshold is " + (power->value ? commissioning::decimal(power->value->value(), 0) + " W" : "off");
  const auto& ct = std::get<CtModel>(order.wish);
  return "the current transformer of its input " + std::to_string(ct.input.value()) + " is " + ct.name;
}

commissioning::Thresholds thresholds_of(const SettingOrder& order) {
  commissioning::Thresholds wish;
  if (const auto* current = std::get_if<CurrentThreshold>(&order.wish)) wish.current = current->value;
  if (const auto* power = std::get_if<PowerThreshold>(&order.wish)) wish.power = power->value;
  return wish;
}

}  // namespace

ModuleSettings::ModuleSettings(Environment environment)
    : env_(environment), stored_(env_.texts.load(remembered_key).value_or(std::string{})) {
  memory_ = ThresholdMemory::from_text(stored_);
}

// --- what modules show -----------------------------------------------------------------------------------------------------

void ModuleSettings::event(const metering::Event& event) {
  if (event.kind == metering::EventKind::module_reset) look(event.module_id, Cause::started);
}

void ModuleSettings::bus_is_back(const std::string& bus_name) {
  const auto* bus = env_.fleet.find_bus(bus_name);
  if (bus == nullptr) return;
  for (const auto& module : bus->modules()) {
    if (module->state == fleet::Module::State::metering) look(module->id(), Cause::set_by_them);
  }
}

void ModuleSettings::look(const std::string& module_id, Cause cause, std::function<void()> looked_at) {
  const auto metered = env_.fleet.find_metered(module_id);
  if (!metered || metered->bus->is_lent()) {  // it is looked at when it answers again, or when the loan ends
    if (looked_at) looked_at();
    return;
  }
  // An order does not answer what was asked before it and is not known yet.
  if (const auto unread = unread_.find(module_id); cause == Cause::set_by_us && unread != unread_.end()) cause = unread->second;
  const auto missing = cause == Cause::started ? memory_.of(module_id) : commissioning::Thresholds{};
  loop::submit(
      metered->bus->executor(), env_.scheduler,
      [&station = metered->bus->station(), chip = chip_of(*metered->module), missing] {
        return read_settings(station, chip, missing);
      },
      [this, module_id, cause, looked_at = std::move(looked_at), guard = alive_.guard()](Result<metering::ModuleSettings> shown) {
        if (guard.expired()) return;
        looked(module_id, cause, std::move(shown));
        if (looked_at) looked_at();
      });
}

void ModuleSettings::looked(const std::string& module_id, Cause cause, Result<metering::ModuleSettings> shown) {
  if (!shown) {
    env_.log.debug("Module \"" + module_id + "\": its settings cannot be read now: " + shown.error().detail,
                   {{log::field::module, module_id}});
    unread_.insert_or_assign(module_id, cause);
    if (!retry_timer_.is_set()) retry_timer_ = env_.scheduler.call_after(retry_pause, [this] { retry(); });
    return;
  }
  unread_.erase(module_id);
  shown->module_id = module_id;
  if (cause == Cause::set_by_them) memory_.follow(*shown);
  store_memory();
  known_.insert_or_assign(module_id, *shown);
  env_.output.settings(*shown);
}

void ModuleSettings::retry() {
  retry_timer_.cancel();
  for (const auto& [module_id, cause] : std::exchange(unread_, {})) look(module_id, cause);
}

void ModuleSettings::announce(metering::Output& output) const {
  for (const auto& [module_id, settings] : known_) output.settings(settings);
}

// --- orders ----------------------------------------------------------------------------------------------------------------

void ModuleSettings::set(const SettingOrder& order, Answer done) {
  const auto metered = env_.fleet.find_metered(order.module_id);
  if (!metered) {
    done(failure(Errc::request_invalid, Remedy::give_up, "no such module is metered, or it does not answer"));
    return;
  }
  if (metered->bus->is_lent()) {
    done(failure(Errc::bus_busy, Remedy::wait,
                 "another program talks to the modules of its bus now: try again when that has ended"));
    return;
  }
  if (!busy_.insert(order.module_id).second) {
    done(failure(Errc::daemon_busy, Remedy::wait, "another setting of this module is being changed: try again in a moment"));
    return;
  }
  if (std::holds_alternative<CtModel>(order.wish)) {
    plan_ct(order, *metered, std::move(done));
  } else {
    set_thresholds(order, *metered, std::move(done));
  }
}

void ModuleSettings::set_thresholds(const SettingOrder& order, const fleet::Fleet::Metered& metered, Answer done) {
  loop::submit(
      metered.bus->executor(), env_.scheduler,
      [&station = metered.bus->station(), chip = chip_of(*metered.module), wish = thresholds_of(order)] {
        return write_thresholds(station, chip, wish);
      },
      [this, order, done = std::move(done), guard = alive_.guard()](const Result<void>& result) {
        if (!guard.expired()) finish(order, result, done);
      });
}

void ModuleSettings::plan_ct(const SettingOrder& order, const fleet::Fleet::Metered& metered, Answer done) {
  loop::submit(
      metered.bus->executor(), env_.scheduler,
      [&station = metered.bus->station(), chip = chip_of(*metered.module), wish = std::get<CtModel>(order.wish)] {
        return needs_ct_change(station, chip, wish);
      },
      [this, order, done = std::move(done), guard = alive_.guard()](const Result<bool>& needed) {
        if (guard.expired()) return;
        if (!needed) {
          finish(order, failure(needed.error()), done);
        } else if (!*needed) {
          finish(order, {}, done);
        } else {
          store_ct(order, done);
        }
      });
}

void ModuleSettings::store_ct(const SettingOrder& order, Answer done) {
  const auto metered = env_.fleet.find_metered(order.module_id);
  if (!metered) {
    finish(order, failure(Errc::bus_nack, Remedy::wait, "the module does not answer any more"), done);
    return;
  }
  if (!may_store(order.module_id)) {
    finish(order,
           failure(Errc::request_invalid, Remedy::give_up,
                   "this module was changed " + std::to_string(most_ct_changes) +
                       " times within a day, and its flash endures some 10,000 changes; rbampctl set ct does it all the same"),
           done);
    return;
  }
  fleet::Interruption change;
  change.module = metered->module;
  change.job = [chip = chip_of(*metered->module), wish = std::get<CtModel>(order.wish)](fleet::BusStation& bus) {
    return store_ct_model(bus, chip, wish);
  };
  change.done = [this, order, done = std::move(done), guard = alive_.guard()](const Result<void>& result) {
    if (!guard.expired()) finish(order, result, done);
  };
  metered->bus->interrupt(std::move(change));
}

bool ModuleSettings::may_store(const std::string& module_id) {
  const BootTime now = env_.scheduler.clock().boot_now();
  auto& times = ct_changes_[module_id];
  while (!times.empty() && now - times.front() >= ct_change_span) times.pop_front();
  if (times.size() >= most_ct_changes) return false;
  times.push_back(now);
  return true;
}

/// Also after a refusal it is read again: part of what was wanted may have been done.
void ModuleSettings::finish(const SettingOrder& order, const Result<void>& result, const Answer& done) {
  busy_.erase(order.module_id);
  if (result) {
    env_.log.info("Module \"" + order.module_id + "\": " + words_of(order), {{log::field::module, order.module_id}});
    remember(order);
  }
  look(order.module_id, Cause::set_by_us, [done, result] { done(result); });
}

void ModuleSettings::remember(const SettingOrder& order) {
  if (const auto* current = std::get_if<CurrentThreshold>(&order.wish)) memory_.set(order.module_id, *current);
  if (const auto* power = std::get_if<PowerThreshold>(&order.wish)) memory_.set(order.module_id, *power);
  store_memory();
}

void ModuleSettings::store_memory() {
  auto text = memory_.to_text();
  if (text == stored_) return;
  stored_ = std::move(text);
  env_.texts.store(remembered_key, stored_);
}

}  // namespace rbamp::daemon
