#include "commissioning/reboot.hpp"

#include "commissioning/ram_settings.hpp"
#include "fleet/chip_look.hpp"
#include "protocol/state.hpp"

namespace rbamp::commissioning {

using fleet::BusStation;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr seconds young{3};                              // uptime of a module that may just have been reset
constexpr Microseconds longest_growing_up = seconds{6};  // 3 s by a clock that runs 30 % slow, and some
constexpr Microseconds boot_limit = seconds{1};
constexpr Microseconds ready_limit = seconds{1};
constexpr int most_resets = 5;

/// Waits until its uptime cannot be taken for that of a module that was reset meanwhile.
Result<void> let_grow_up(const ModuleLink& module) {
  const BootTime begin = module.bus().clock().boot_now();
  for (;;) {
    const auto uptime = module.read_uptime();
    if (!uptime) return failure(uptime.error());
    if (*uptime >= young) return {};
    if (module.bus().clock().boot_now() - begin >= longest_growing_up) {
      return failure(
          Errc::not_ready, Remedy::wait,
          module.name() + " keeps restarting: its uptime does not grow. Check its supply (4.5 to 5.5 V); nothing was reset");
    }
    module.pause(milliseconds{500});
  }
}

/// True when the module restarted, false when the RESET did not reach it: it still has its uptime, at its old address.
Result<bool> has_restarted(const ModuleLink& module, I2cAddress comes_back_at) {
  if (comes_back(module.bus(), comes_back_at, boot_limit)) {
    const auto there = ModuleLink::open(module.bus(), comes_back_at);
    if (!there) return failure(there.error());
    const auto uptime = there->read_uptime();
    if (!uptime) return failure(uptime.error());
    return *uptime < young;
  }
  if (comes_back_at != module.address() && comes_back(module.bus(), module.address(), milliseconds{0})) {
    const auto uptime = module.read_uptime();
    if (uptime && *uptime >= young) return false;
  }
  return failure(Errc::bus_nack, Remedy::give_up,
                 "after its reset nobody answers at " + to_string(comes_back_at) + ": " +
                     where_is(module.bus(), module.identity().uid, comes_back_at));
}

Result<ModuleLink> wait_until_ready(BusStation& bus, I2cAddress address, const ModuleUid& uid) {
  auto there = ModuleLink::open(bus, address);
  if (!there) return there;
  if (there->identity().uid != uid) {
    return failure(
        Errc::wrong_module, Remedy::give_up,
        "after the reset another module (UID " + to_string(there->identity().uid) + ") answers at " + to_string(address));
  }
  const BootTime begin = bus.clock().boot_now();
  for (;;) {
    const auto state = there->read<protocol::state_size>(protocol::state_start);
    if (!state) return failure(state.error());
    const auto decoded = protocol::decode_state(*state);
    if (decoded.status.has(protocol::StatusBit::ready)) return there;
    if (bus.clock().boot_now() - begin >= ready_limit) {
      return failure(Errc::not_ready, Remedy::give_up,
                     there->name() + " answers after its reset but does not measure: " + std::string{to_string(decoded.error)} +
                         ". " + std::string{advice_for(decoded.error)});
    }
    bus.clock().sleep_for(milliseconds{50});
  }
}

}  // namespace

std::string where_is(BusStation& bus, const ModuleUid& uid, I2cAddress expected) {
  if (expected != default_module_address) {
    const auto look = fleet::look_at(bus, default_module_address);
    if (look && look->chip.kind == protocol::ChipKind::rbamp && look->chip.identity.uid == uid) {
      return "it is at 0x50 with factory defaults, so its flash was torn: its supply failed while it stored its settings. Set it "
             "up "
             "again with rbampctl provision 0x50";
    }
  }
  return "check its supply and wiring. If its supply failed while it stored its settings it comes back at 0x50 with factory "
         "defaults: look with rbampctl scan, then set it up again with rbampctl provision 0x50";
}

Result<ModuleLink> reboot(const ModuleLink& module, I2cAddress comes_back_at, const BeforeReset& before_reset) {
  const auto ram = RamSettings::read(module);
  if (!ram) return failure(ram.error());
  if (auto grown = let_grow_up(module); !grown) return failure(grown.error());
  if (before_reset) {
    if (auto prepared = before_reset(module); !prepared) return failure(prepared.error());
  }
  for (int i = 0; i < most_resets; ++i) {
    fleet::send_reset(module.bus(), module.address());  // its acknowledge may be missing: only the uptime tells
    module.pause(protocol::settle_time(protocol::Command::reset));
    const auto restarted = has_restarted(module, comes_back_at);
    if (!restarted) return failure(restarted.error());
    if (!*restarted) continue;
    auto back = wait_until_ready(module.bus(), comes_back_at, module.identity().uid);
    if (!back) return back;
    if (auto restored = ram->restore(*back); !restored) {
      return failure(half_done(restored.error(),
                               "The module was reset, but its thresholds, event mask or digest mask are at defaults",
                               "Set them again; rbampd does so by itself"));
    }
    return back;
  }
  return failure(Errc::bus_nack, Remedy::retry,
                 module.name() +
                     " does not take the reset: it goes on as if nothing had been sent. Check bus speed and pull-ups; "
                     "nothing was lost, try again");
}

}  // namespace rbamp::commissioning
