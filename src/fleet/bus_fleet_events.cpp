// What a bus and its modules have to tell: restarts, errors, thresholds, rulers that disagree. For people; the accounts do not need it.
#include "fleet/bus_fleet.hpp"

namespace rbamp::fleet {
namespace {

constexpr Microseconds error_delay = std::chrono::milliseconds{500};  // REG_ERROR is set at each window again

}  // namespace

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

void BusFleet::tell_thresholds(const Module& module, protocol::Events events) {
  if (events.has(protocol::Event::threshold_current))
    tell(module, metering::EventKind::threshold_current, "the module's current threshold was crossed");
  if (events.has(protocol::Event::threshold_power))
    tell(module, metering::EventKind::threshold_power, "the module's power threshold was crossed");
}

void BusFleet::tell_findings(Module& module) {
  for (auto& finding : module.take_findings())
    tell(module, finding.kind, std::move(finding.text), finding.channel, finding.values);
  if (!module.take_error_look()) return;
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
          module->note_error(*error);
          tell_findings(*module);
        });
  }
}

}  // namespace rbamp::fleet
