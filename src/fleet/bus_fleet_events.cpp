// What a bus and its modules have to tell people: who they are, restarts, errors, thresholds, rulers that disagree.
#include "fleet/bus_fleet.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::fleet {

namespace field = log::field;
namespace message_id = log::message_id;

namespace {

constexpr Microseconds error_delay = std::chrono::milliseconds{500};  // REG_ERROR is set at each window again

}  // namespace

metering::ModuleDescription BusFleet::describe(const Module& module) const {
  auto description = module.describe();
  description.bus = name();
  return description;
}

void BusFleet::tell(const Module& module, metering::EventKind kind, std::string text, const std::string& channel,
                    metering::EventValues values) {
  metering::Event event;
  event.module_id = module.id();
  event.channel_id = channel;
  event.kind = kind;
  event.at = context_.scheduler.clock().boot_now();
  event.utc = context_.scheduler.clock().utc_now();
  event.text = std::move(text);
  event.values = values;
  output_.event(event);
}

void BusFleet::tell_missing_voltage(Module& module) {
  constexpr unsigned patience = 2;  // the first period may end before the other module was read
  const auto& source = module.assignment().voltage_from->module_id;
  if (module.state != Module::State::metering || context_.voltages.find(source)) {
    if (std::exchange(module.periods_without_voltage, 0U) >= patience) {
      context_.log.info("Module \"" + module.id() + "\": the voltage of module \"" + source + "\" is read again",
                        {{field::module, module.id()}, {field::bus, name()}}, message_id::voltage_back);
    }
  } else if (++module.periods_without_voltage == patience) {
    context_.log.warning("Module \"" + module.id() + "\" gets no energy: no voltage was read from module \"" + source +
                             "\", which its voltage_from names. It must answer, and have a voltage input.",
                         {{field::module, module.id()}, {field::bus, name()}}, message_id::voltage_missing);
  }
}

void BusFleet::tell_findings(Module& module) {
  for (auto& finding : module.findings().take())
    tell(module, finding.kind, std::move(finding.text), finding.channel, finding.values);
  if (!module.findings().take_error_look()) return;
  error_looks_.push_back(&module);
  error_timer_ = context_.scheduler.call_after(error_delay, [this] { look_at_errors(); });
}

void BusFleet::look_at_errors() {
  for (auto* module : std::exchange(error_looks_, {})) {
    if (module->state != Module::State::metering) continue;
    context_.run(
        alive_,
        [address = module->address(), dialect = module->dialect()](BusStation& bus) { return read_error(bus, address, dialect); },
        [this, module](const Result<protocol::ErrorCode>& error) {
          if (!error || module->state != Module::State::metering) return;
          module->saw_error(*error);
          tell_findings(*module);
        });
  }
}

/// No latch ever looks at a module without a voltage input: restarts, errors and thresholds would never be seen.
void BusFleet::look_at_unlatched() {
  for (const auto& owned : modules_) {
    if (owned->state != Module::State::metering || has_voltage(owned->dialect().variant)) continue;
    look_at_snapshot(
        context_, alive_, {owned->address(), owned->dialect(), context_.boot, metering::LatchKind::direct, owned->last_seen()},
        [this, module = owned.get()](const Result<SnapshotRead>& look) {
          if (!look || module->state != Module::State::metering) return;  // silence is for the live readings to judge
          const auto handled = module->saw_unlatched(*look);
          tell_findings(*module);
          if (handled.none()) return;
          context_.run(
              alive_, [address = module->address(), handled](BusStation& bus) { return acknowledge(bus, address, handled); },
              [](const Result<void>&) {});  // what was not cleared is met again with the next round
        });
  }
}

/// Which module holds a shared line is not on the wire: all are asked. Threshold events are level-like news for whoever set the
/// threshold; once told they are cleared, or they would keep the edges of all modules from us.
void BusFleet::drdy_held(LineOwner line) {
  for (const auto& owned : modules_) {
    if (owned->state != Module::State::metering || (line && *line != owned->address())) continue;
    context_.run(
        alive_,
        [address = owned->address(), dialect = owned->dialect()](BusStation& bus) { return release_drdy(bus, address, dialect); },
        [this, module = owned.get()](const Result<protocol::Events>& told) {
          if (!told || told->none()) return;
          if (module->findings().add_hold(*told)) {
            context_.log.warning("Module \"" + module->id() + "\" held the DRDY line low: " + to_string(*told),
                                 {{field::module, module->id()}, {field::bus, name()}}, message_id::drdy_trouble);
          }
          tell_findings(*module);
        });
  }
}

void BusFleet::overloaded(const std::optional<BusBudget::Excess>& excess) {
  if (!excess) {
    overload_.clear();
    context_.log.info("Bus \"" + name() + "\" carries again what is asked of it: every window is read", {{field::bus, name()}},
                      message_id::bus_relieved);
    return;
  }
  const bool is_news = overload_.empty();
  overload_ = "Bus \"" + name() + "\" cannot carry what the configuration asks of it: " + std::to_string(excess->every_window) +
              (excess->every_window == 1 ? " module is" : " modules are") + " to be read every 200 ms";
  if (excess->seldom > 0) {
    overload_ += " and " + std::to_string(excess->seldom) + (excess->seldom == 1 ? " every " : " each every ") +
                 std::to_string(settings_.show_every.count() / 1000) + " ms";
  }
  overload_ += ", which takes " + std::to_string(excess->per_window.count() / 1000) +
               " of each 200 ms. Each is read as often as possible, and export with missed windows is marked as estimated. A "
               "faster bus, a second bus, or role = \"load\" for modules that never export helps.";
  if (is_news) context_.log.warning(overload_, {{field::bus, name()}}, message_id::bus_overloaded);
}

std::string BusFleet::slow_text(const Module& module, Microseconds takes) const {
  std::string text = "Module \"" + module.id() + "\" is slow: a reading of it takes " + std::to_string(takes.count() / 1000) +
                     " ms of bus \"" + name() +
                     "\", much longer than the wire needs. It is read seldom, so that the others keep their windows";
  if (module.wants_every_window()) text += ", and what comes from its missed windows is marked as estimated";
  return text + ". Its cable, or a repeater on it, may stretch the clock or disturb it.";
}

void BusFleet::slow(const Module& module, std::optional<Microseconds> takes) {
  const std::initializer_list<log::Field> fields{
      {field::module, module.id()}, {field::bus, name()}, {field::address, to_string(module.address())}};
  if (takes) {
    context_.log.warning(slow_text(module, *takes), fields, message_id::module_slow);
  } else {
    context_.log.info("Module \"" + module.id() + "\" is quick again, and read as often as before", fields,
                      message_id::module_quick);
  }
}

std::string BusFleet::overload() const {
  std::string text = overload_;
  for (const auto& module : modules_) {
    const auto takes = sampler_.slow_reads_of(*module);
    if (takes) text += (text.empty() ? "" : " ") + slow_text(*module, *takes);
  }
  return text;
}

}  // namespace rbamp::fleet
