#include "commissioning/solitude.hpp"

#include <set>

#include "fleet/chip_look.hpp"
#include "protocol/bytes.hpp"
#include "protocol/limits.hpp"
#include "protocol/state.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using fleet::BusStation;
using std::chrono::milliseconds;

namespace {

constexpr int live_reads = 8;
constexpr Microseconds live_pause = milliseconds{15};  // all within less than one window of 200 ms
constexpr unsigned most_odd_values = 1;
constexpr std::size_t most_distinct = 3;
constexpr double least_current = 1e-4;  // below its noise floor a module says exactly 0; the AND of two floats is mostly tiny

constexpr int uptime_reads = 5;
constexpr Microseconds uptime_pause = milliseconds{700};

tl::unexpected<Error> two_modules(const ModuleLink& module, const std::string& why) {
  return failure(Errc::wrong_module, Remedy::give_up,
                 "more than one module seems to answer at " + to_string(module.address()) + " on bus \"" + module.bus().name() +
                     "\": " + why + ". Connect one module at a time and give each an address of its own");
}

/// Heuristic of the vendor's library: one module shows at most two windows within 105 ms, and only possible currents.
Result<void> check_windows(const ModuleLink& module) {
  std::set<std::uint32_t> distinct;
  unsigned odd = 0;
  for (int i = 0; i < live_reads; ++i) {
    if (i > 0) module.pause(live_pause);
    const auto bytes = module.read<4>(reg::i0_rms);
    if (!bytes) return failure(bytes.error());
    distinct.insert(protocol::load_u32(*bytes, 0));
    const auto current = static_cast<double>(protocol::load_f32(*bytes, 0));
    const bool is_possible = current == 0.0 || (current >= least_current && current <= protocol::max_current);
    if (!is_possible) ++odd;
  }
  if (odd > most_odd_values) return two_modules(module, "the current it shows is one that no module measures");
  if (distinct.size() > most_distinct) return two_modules(module, "its current changes faster than a module measures");
  return {};
}

/// The AND of two counters with different values jumps back and forth.
Result<void> check_uptime(const ModuleLink& module) {
  const auto& clock = module.bus().clock();
  BootTime asked = clock.boot_now();
  auto last = module.read_uptime();
  if (!last) return failure(last.error());
  for (int i = 1; i < uptime_reads; ++i) {
    module.pause(uptime_pause);
    const auto next = module.read_uptime();
    if (!next) return failure(next.error());
    // Whole seconds on both ends, and a clock that is at most 5 % fast; the host may have been held up in between.
    const auto most = std::chrono::ceil<std::chrono::seconds>((clock.boot_now() - asked) * 21 / 20) + std::chrono::seconds{1};
    asked = clock.boot_now();
    if (*next < *last || *next - *last > most) {
      return two_modules(module, "its uptime went from " + std::to_string(last->count()) + " s to " +
                                     std::to_string(next->count()) + " s within a second (or it was just switched on or off)");
    }
    last = next;
  }
  return {};
}

}  // namespace

Result<void> check_alone(const ModuleLink& module) {
  if (auto checked = check_windows(module); !checked) return checked;
  return check_uptime(module);
}

Result<void> check_free(BusStation& bus, I2cAddress address) {
  const auto look = fleet::look_at(bus, address);
  if (!look && look.error().is(Errc::bus_nack)) return {};
  std::string who = look ? protocol::describe(look->chip) : "somebody whose answers cannot be read (" + look.error().detail + ")";
  if (!look && !look.error().is(Errc::torn_read)) return failure(look.error());
  return failure(Errc::request_invalid, Remedy::give_up,
                 "address " + to_string(address) + " on bus \"" + bus.name() + "\" is taken by " + who +
                     ". Choose another one; rbampctl scan shows which are free");
}

}  // namespace rbamp::commissioning
