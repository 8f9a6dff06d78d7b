#include "commissioning/error_clearing.hpp"

#include "protocol/state.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using protocol::ErrorCode;

namespace {

constexpr Microseconds flag_lag = std::chrono::milliseconds{300};  // the flag is derived from REG_ERROR every 200 to 300 ms

Result<protocol::Events> read_events(const ModuleLink& module) {
  const auto byte = module.read<1>(reg::event_flags);
  if (!byte) return failure(byte.error());
  return protocol::Events{(*byte)[0]};
}

}  // namespace

Result<ErrorClearing> clear_error(const ModuleLink& module) {
  ErrorClearing clearing;
  const auto before = module.read_error_code();
  if (!before) return failure(before.error());
  clearing.before = *before;
  const auto events = read_events(module);
  if (!events) return failure(events.error());
  clearing.events_before = *events;
  if (*before == ErrorCode::flash_params_bad || *before == ErrorCode::clone) {
    const std::string way_on = *before == ErrorCode::clone ? std::string{advice_for(*before)}
                                                           : "Set it up with rbampctl provision " + to_string(module.address());
    return failure(Errc::request_invalid, Remedy::give_up,
                   module.name() + ": " + std::string{to_string(*before)} + ". Clearing that would only hide it. " + way_on);
  }
  if (*before == ErrorCode::ok && !events->has(protocol::Event::error)) return clearing;

  const auto clear = protocol::command_write(protocol::Command::clear_error);
  if (auto sent = module.bus().write(module.address(), clear.reg, clear.value, fleet::Effort::stubborn); !sent)
    return failure(sent.error());
  module.pause(protocol::settle_time(protocol::Command::clear_error));
  if (auto cleared = fleet::acknowledge(module.bus(), module.address(), protocol::Event::error); !cleared)
    return failure(cleared.error());
  module.pause(flag_lag);
  const auto after = module.read_error_code();
  if (!after) return failure(after.error());
  const auto events_after = read_events(module);
  if (!events_after) return failure(events_after.error());
  clearing.after = *after;
  clearing.came_back = *after != ErrorCode::ok || events_after->has(protocol::Event::error);
  return clearing;
}

}  // namespace rbamp::commissioning
