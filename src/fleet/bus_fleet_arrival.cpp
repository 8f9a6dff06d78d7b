// Modules that a BusFleet finds: who they are, what happened while they were not metered, and metering them. Protocol 7, 12.3.
#include <algorithm>

#include "fleet/bus_fleet.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::fleet {

namespace field = log::field;
namespace message_id = log::message_id;
using std::chrono::seconds;

namespace {

constexpr Microseconds gather_time = std::chrono::milliseconds{50};  // modules found together are latched together
constexpr Microseconds account_pause = seconds{5};
constexpr Microseconds latch_is_visible = seconds{1};  // settle and unclear_wait, and the time a slow bus takes to send it

/// A latch that went out right before the process before this one died: its snapshot, or its flag, may come after this look.
bool may_still_settle(const metering::Account& account, const metering::Evidence& seen) {
  const auto& intent = account.intent;
  return intent && intent->is_armed && intent->at.same_boot_as(seen.now) && seen.now.at - intent->at.at < latch_is_visible;
}

std::string unmistakable_id(const ModuleUid& uid) { return "m" + to_string(uid); }

std::string what_happened(const metering::RestartDecision& decision) {
  using metering::RestartCase;
  switch (decision.which) {
    case RestartCase::a:
    case RestartCase::f: return "it went on averaging, nothing is lost";
    case RestartCase::a_prime: return "a latch that was intended did not reach it; it went on averaging, nothing is lost";
    case RestartCase::b:
    case RestartCase::b2: return "its last closed period was not booked yet and is booked now, nothing is lost";
    case RestartCase::c: return "another program latched it meanwhile: the time since the last booking can only be estimated";
    case RestartCase::d: return "it restarted meanwhile: what it had averaged until then is lost and booked as a gap";
    case RestartCase::e: return "it is metered here for the first time";
  }
  return {};
}

}  // namespace

Module* BusFleet::module_at(I2cAddress address) {
  const auto it = std::find_if(modules_.begin(), modules_.end(), [&](const auto& m) { return m->address() == address; });
  return it == modules_.end() ? nullptr : it->get();
}

/// A configuration says what belongs at an address. Where modules are scanned for, each is its chip, wherever that answers.
Module* BusFleet::module_of(I2cAddress address, const Identification& found) {
  if (!settings_.is_automatic) return module_at(address);
  const auto it = std::find_if(modules_.begin(), modules_.end(),
                               [&](const auto& m) { return m->is_identified() && m->uid() == found.identity.uid; });
  if (it == modules_.end()) {
    const auto other = events_.take_scanned(found.identity.uid, this);
    if (!other || !other->is_metered) return &adopt(address, found, other ? other->place_id : std::string{});
    if (twins_.insert(address).second) tell_twin(address, other->place_id, "bus \"" + other->bus + "\"");
    return nullptr;
  }
  auto& module = **it;
  const auto before = module.address();
  if (before == address) return &module;
  if (module.state == Module::State::metering || module.state == Module::State::opening) {
    if (twins_.insert(address).second) tell_twin(address, module.id(), to_string(before));
    return nullptr;
  }
  twins_.erase(address);
  module.move_to(address);
  if (module_at(before) == nullptr) searcher_.forget(before);
  return &module;
}

void BusFleet::tell_twin(I2cAddress address, const std::string& place_id, const std::string& where) {
  context_.log.info("Left alone: address " + to_string(address) + " shows the UID of module \"" + place_id +
                        "\", which is metered at " + where +
                        ". Either it has just moved, or two modules have one UID: then one of them is no original",
                    {{field::module, place_id}, {field::bus, name()}, {field::address, to_string(address)}});
}

std::optional<BusFleet::ScannedElsewhere> BusFleet::give_up_scanned(const ModuleUid& uid) {
  const auto it =
      std::find_if(modules_.begin(), modules_.end(), [&](const auto& m) { return m->is_identified() && m->uid() == uid; });
  if (!settings_.is_automatic || it == modules_.end()) return std::nullopt;
  auto& module = **it;
  const bool is_busy = module.state == Module::State::metering || module.state == Module::State::opening || module.has_unbooked();
  ScannedElsewhere known{module.id(), name(), is_busy};
  if (is_busy) return known;
  remove(module, "it was found on another bus");
  module.forget_account();
  removed_.push_back(std::move(*it));
  modules_.erase(it);
  return known;
}

Module& BusFleet::adopt(I2cAddress address, const Identification& found, std::string place_id) {
  Assignment assignment;
  assignment.address = address;
  assignment.place_id = place_id.empty() ? default_module_id(found.identity.uid) : std::move(place_id);
  if (events_.is_id_taken(assignment.place_id, nullptr)) assignment.place_id = unmistakable_id(found.identity.uid);
  assignment.name = found.identity.label.empty() ? "rbAmp " + assignment.place_id : found.identity.label;
  modules_.push_back(std::make_unique<Module>(std::move(assignment)));
  return *modules_.back();
}

void BusFleet::found(I2cAddress address, Identification identification) {
  if (is_winding_down_) return;
  auto* module = module_of(address, identification);
  if (module == nullptr) return;
  // A scan passes by what is metered, too.
  if (module->state == Module::State::metering || module->state == Module::State::opening) return;
  const auto& pinned = module->assignment().pinned;
  if (pinned && *pinned != identification.identity.uid) {
    if (module->state != Module::State::refused) {
      context_.log.error("Module \"" + module->id() + "\": the chip at " + to_string(address) + " has UID " +
                             to_string(identification.identity.uid) + ", but the configuration pins " + to_string(*pinned) +
                             ". Nothing is metered there; correct `uid` or put the right module back.",
                         {{field::module, module->id()}, {field::bus, name()}, {field::address, to_string(address)}},
                         message_id::module_refused);
    }
    module->state = Module::State::refused;
    module->is_other_chip = true;
    searcher_.watch(address);
    events_.changed();
    return;
  }
  module->is_other_chip = false;
  module->state = Module::State::opening;
  tell_missing_inputs(module->assignment(), identification.identity.variant);
  module->identified(std::move(identification));
  // Its time there is booked there. What the ledger has of it for this place decides, and not what is remembered here.
  if (events_.was_elsewhere(module->uid(), module->id()) && !module->has_unbooked()) module->forget_account();
  module->last_answer = context_.scheduler.clock().boot_now();
  tell_voltage_source(*module);
  tell_missing_setup(*module);
  tell_missing_export_register(*module);
  if (module->is_estimated()) {
    module->has_account() ? start_metering(*module) : open_account(*module);
  } else if (!has_voltage(module->dialect().variant)) {
    start_metering(*module);  // current only: nothing to book (protocol 1.2)
  } else if (module->has_account()) {
    recovered(*module, module->recover_in_memory());
  } else {
    open_account(*module);
  }
}

void BusFleet::foreign(I2cAddress address, const Error& error) {
  auto* module = module_at(address);
  if (module == nullptr) {
    context_.log.info("Left alone: " + error.detail, {{field::bus, name()}, {field::address, to_string(address)}});
    return;
  }
  module->state = Module::State::refused;
  context_.log.error("Module \"" + module->id() + "\": " + error.detail,
                     {{field::module, module->id()}, {field::bus, name()}, {field::address, to_string(address)}},
                     message_id::module_refused);
  events_.changed();
}

void BusFleet::unreadable(I2cAddress address, const Error& error) {
  const auto* module = module_at(address);
  if (module == nullptr) return;
  context_.log.warning("Module \"" + module->id() + "\" cannot be identified: " + error.detail + ". Trying again.",
                       {{field::module, module->id()}, {field::bus, name()}, {field::address, to_string(address)}},
                       message_id::module_unreadable);
}

void BusFleet::tell_missing_inputs(const Assignment& assignment, protocol::Variant variant) {
  const auto last = std::to_string(channel_count(variant) - 1);
  for (const auto& channel : without_input(assignment, variant)) {
    context_.log.error(
        "Module \"" + assignment.place_id + "\": channel \"" + channel.id + "\" has index " +
            std::to_string(channel.index.value()) + ", but a " + std::string{to_string(variant)} + " has " +
            (last == "0" ? "input 0 only" : "inputs 0 to " + last) +
            ": nothing is metered for this channel; inputs are counted from 0, correct `index` in its [[module.channel]]",
        {{field::module, assignment.place_id}, {field::channel, channel.id}, {field::bus, name()}}, message_id::module_misfit);
  }
}

void BusFleet::tell_missing_setup(const Module& module) {
  if (module.is_set_up()) return;
  context_.log.warning(
      "Module \"" + module.id() +
          "\" has no sensor class: do not trust what it measures before its current clamps are set up (rbampctl provision " +
          to_string(module.address()) + ")",
      {{field::module, module.id()}, {field::bus, name()}, {field::address, to_string(module.address())}},
      message_id::setup_missing);
}

void BusFleet::tell_missing_export_register(const Module& module) {
  if (!module.assignment().export_register || module.dialect().export_register) return;
  context_.log.warning(
      "Module \"" + module.id() +
          "\": its firmware measures one direction only (FW_TIER), so it has no export register and `export_register` "
          "has no effect: export is integrated from live power",
      {{field::module, module.id()}, {field::bus, name()}, {field::address, to_string(module.address())}},
      message_id::module_misfit);
}

void BusFleet::tell_voltage_source(const Module& module) {
  const auto& source = module.assignment().voltage_from;
  const std::initializer_list<log::Field> fields{{field::module, module.id()}, {field::bus, name()}};
  const std::string who = "Module \"" + module.id() + "\" (" + std::string{to_string(module.dialect().variant)} + ") ";
  if (has_voltage(module.dialect().variant)) {
    if (source)
      context_.log.warning(who + "has a voltage input of its own: voltage_from and power_factor have no effect", fields,
                           message_id::module_misfit);
  } else if (source) {
    context_.log.info(who + "answers at " + to_string(module.address()) +
                          ": it has no voltage input, its energy is estimated with the voltage of \"" + source->module_id + "\"",
                      fields, message_id::module_back);
  } else {
    context_.log.info(who + "answers at " + to_string(module.address()) +
                          ": it has no voltage input, so it shows currents and no energy; `voltage_from` gives it an estimate",
                      fields, message_id::module_back);
  }
}

void BusFleet::open_account(Module& module) {
  context_.accounting.open(module.account_request(context_.scheduler.clock().utc_now()), [this, &module, guard = alive_.guard()](
                                                                                             Result<metering::Account> account) {
    if (guard.expired() || is_winding_down_ || module.state == Module::State::removed) return;
    if (!account) {
      // The ledger logs its own trouble. The module goes on averaging, so nothing is lost meanwhile.
      module.state = Module::State::searching;
      searcher_.look_for(module.address(), account_pause);
      return;
    }
    // Where modules are scanned for, each is its chip. Chips of one lot may end in the same digits, and the
    // one that was here first has the short name, also while it is away.
    if (const auto own = unmistakable_id(module.uid()); settings_.is_automatic && account->previous_chip && module.id() != own) {
      module.belongs_to(own);
      open_account(module);
      return;
    }
    if (may_still_settle(*account, module.last_seen())) {
      module.state = Module::State::searching;
      searcher_.look_for(module.address(), latch_is_visible);
      return;
    }
    if (module.is_estimated()) {
      module.begin_estimate(std::move(*account));
      start_metering(module);
    } else {
      const auto* keeper = context_.live_keeper;
      recovered(module, module.recover(std::move(*account), keeper != nullptr ? keeper->recall(module.uid()) : std::nullopt));
    }
  });
}

void BusFleet::recovered(Module& module, const metering::RestartDecision& decision) {
  const bool needs_latch = !decision.running || decision.running->quality != metering::Quality::measured;
  context_.log.info("Module \"" + module.id() + "\" (" + std::string{to_string(module.dialect().variant)} + ") answers at " +
                        to_string(module.address()) + ": " + what_happened(decision),
                    {{field::module, module.id()},
                     {field::module_uid, to_string(module.uid())},
                     {field::bus, name()},
                     {field::address, to_string(module.address())}},
                    decision.which == metering::RestartCase::d ? message_id::module_reset : message_id::module_back);
  const auto go_on = [this, &module, needs_latch, guard = alive_.guard()] {
    if (guard.expired() || is_winding_down_ || module.state == Module::State::removed) return;
    module.stored();
    start_metering(module);
    if (needs_latch) {
      let_wait(module);
      waiting_timer_ = context_.scheduler.call_after(gather_time, [this] { latch_waiting(); });
    }
  };
  tell_findings(module);
  output_.describe(describe(module));  // outputs take no line of a module that they do not know
  // What the module still shows must be durable before the next latch replaces it.
  if (auto report = module.take_report(std::nullopt)) {
    events_.recovered(*this, {std::move(*report)}, go_on);
  } else {
    go_on();
  }
}

void BusFleet::start_metering(Module& module) {
  module.state = Module::State::metering;
  module.failed_cycles = 0;
  module.good_cycles = 0;
  output_.describe(describe(module));
  if (!module.is_reachable) {
    module.is_reachable = true;
    output_.set_reachable(module.id(), true);
    if (module.was_lost) tell(module, metering::EventKind::module_back, "the module answers again");
    module.was_lost = false;
  }
  update_sampler();
  events_.changed();
}

}  // namespace rbamp::fleet
