#include "commissioning/broadcast_trial.hpp"

#include <set>

#include "protocol/flags.hpp"
#include "protocol/general_call.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;

namespace {

Result<std::uint16_t> read_tick(const ModuleLink& module) {
  const auto bytes = module.read_twice<protocol::gc_tick_size>(reg::gc_tick);
  if (!bytes) return failure(bytes.error());
  return protocol::decode_gc_tick(*bytes);
}

Result<Finding> judge(const ModuleLink& module, std::uint16_t tick) {
  const auto heard = read_tick(module);
  if (!heard) return failure(heard.error());
  const auto fleet = module.read_twice<1>(reg::fleet_config);
  if (!fleet) return failure(fleet.error());
  const bool should = protocol::FleetConfig{(*fleet)[0]}.has(protocol::FleetBit::gc_enable);
  const I2cAddress at = module.address();
  if (*heard == tick) return Finding{Severity::ok, "broadcast", at, "it heard the latch for all", {}};
  if (!should)
    return Finding{Severity::hint, "broadcast", at, "it does not listen to latches for all",
                   "rbampctl set broadcast " + to_string(at) + " on"};
  return Finding{Severity::problem, "broadcast", at, "it is set to listen to latches for all, and did not hear one",
                 "It listens only after a reset: rbampctl reset " + to_string(at) +
                     ". If it stays so, bus or adapter do not carry the general call"};
}

}  // namespace

Result<Findings> try_broadcast(const std::vector<ModuleLink>& modules) {
  Findings findings;
  if (modules.empty()) return findings;
  auto& bus = modules.front().bus();
  std::set<std::uint16_t> shown;
  for (const auto& module : modules) {
    const auto tick = read_tick(module);
    if (!tick) return failure(tick.error());
    shown.insert(*tick);
  }
  std::uint16_t tick = 1;
  while (shown.contains(tick)) tick = protocol::next_gc_tick(tick);
  const auto sent = fleet::send_broadcast_latch(bus, 0, tick, BootId::of_host());
  bus.clock().sleep_for(protocol::settle_time(protocol::Command::latch_period));
  if (sent.error) {
    const bool nobody = sent.error->is(Errc::bus_nack);
    findings.push_back(
        {nobody ? Severity::hint : Severity::problem, "broadcast", std::nullopt,
         nobody ? "nobody acknowledged a latch for all" : "a latch for all could not be sent: " + sent.error->detail,
         nobody ? "Right if no module is set to listen; rbampd latches them one after the other then"
                : "Use an adapter that can send a general call, or latch = \"sequential\" in the configuration"});
  }
  for (const auto& module : modules) {
    auto finding = judge(module, tick);
    if (!finding) return failure(finding.error());
    findings.push_back(std::move(*finding));
  }
  return findings;
}

}  // namespace rbamp::commissioning
