#include "ctl/bus_access.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include "bus/linux_i2c_bus.hpp"
#include "bus/recording_bus.hpp"
#include "ctl/lent_bus.hpp"
#include "ctl/own_daemon.hpp"
#include "simulator/house.hpp"

namespace rbamp::ctl {
namespace {

using OpenBus = std::unique_ptr<bus::I2cBus>;

std::string listed(const std::vector<config::Bus>& buses) {
  std::string text;
  for (const auto& bus : buses) text += (text.empty() ? "" : ", ") + ("--bus " + bus.name);
  return text;
}

template <class List, class Is>
auto* find(List& list, Is is) {
  const auto found = std::find_if(list.begin(), list.end(), is);
  return found == list.end() ? nullptr : &*found;
}

Result<config::Bus> bus_named(const config::Config& config, const std::string& name) {
  if (const auto* bus = find(config.buses, [&](const auto& candidate) { return candidate.name == name; })) return *bus;
  return failure(Errc::request_invalid, Remedy::give_up,
                 "the configuration has no bus \"" + name + "\"; there is " + listed(config.buses));
}

}  // namespace

void add_bus_choice(Arguments command, BusChoice& choice) {
  const Argument device =
      command.add_option("--device", choice.device, "Bus by its device, such as /dev/i2c-1").type_name("FILE");
  command.add_option("--bus", choice.bus, "Bus by its name in the configuration").type_name("BUS").excludes(device);
}

void add_bus_options(Arguments command, BusChoice& choice) {
  add_bus_choice(command, choice);
  command.add_option("--record", choice.record, "Write everything that is said on the bus to this file").type_name("FILE");
}

std::string_view to_string(BusWay way) {
  switch (way) {
    case BusWay::device: return "device";
    case BusWay::simulator: return "simulator";
    case BusWay::daemon: return "daemon";
  }
  return "unknown";
}

Result<BusAccess> BusAccess::open(Context& context, const BusChoice& choice, const std::string& module) {
  BusAccess access;
  if (auto chosen = access.choose(context, choice, module); !chosen) return failure(std::move(chosen.error()));
  if (auto connected = access.connect(context, choice); !connected) return failure(std::move(connected.error()));
  return access;
}

Result<void> BusAccess::choose(Context& context, const BusChoice& choice, const std::string& module) {
  const auto loaded = context.config();
  if (!choice.device.empty()) {
    // A member of the group i2c may use the device without being allowed to read the daemon's configuration.
    if (!loaded && !loaded.error().is(Errc::ledger_readonly)) return failure(loaded.error());
    const auto* known = !loaded ? nullptr : find((*loaded)->buses, [&](const auto& bus) {
      return bus.driver == config::BusDriver::i2c_dev && bus.device == choice.device;
    });
    bus_.name = known != nullptr ? known->name : choice.device;
    bus_.device = choice.device;
    if (known == nullptr) return {};
  } else {
    if (!loaded) return failure(loaded.error());
    const auto& config = **loaded;
    const auto* configured = find(config.modules, [&](const auto& candidate) { return candidate.id == module; });
    const std::string name = !choice.bus.empty()        ? choice.bus
                             : configured != nullptr    ? configured->bus
                             : config.buses.size() == 1 ? config.buses.front().name
                                                        : std::string{};
    if (name.empty()) {
      return failure(
          Errc::request_invalid, Remedy::give_up,
          "the configuration has " + std::to_string(config.buses.size()) + " buses: say which, with " + listed(config.buses));
    }
    auto bus = bus_named(config, name);
    if (!bus) return failure(std::move(bus.error()));
    bus_ = std::move(*bus);
  }
  std::copy_if((*loaded)->modules.begin(), (*loaded)->modules.end(), std::back_inserter(modules_),
               [&](const auto& configured) { return configured.bus == bus_.name; });
  return {};
}

Result<OpenBus> BusAccess::open_directly(Context& context) {
  if (bus_.driver == config::BusDriver::i2c_dev) {
    auto bus = bus::LinuxI2cBus::open(bus_.device, context.clock());
    if (!bus) return failure(std::move(bus.error()));
    description_ = bus_.device;
    return OpenBus{std::move(*bus)};
  }
  const auto& settings = (*context.config())->simulator;
  auto world = simulator::build_house(settings, context.clock());
  if (!world) return failure(std::move(world.error()));
  world_ = std::move(*world);
  way_ = BusWay::simulator;
  description_ = "a simulated house";
  if (settings.state_file.empty())
    context.err() << "rbampctl: this house is simulated and has no state_file: it begins anew with each command\n";
  return simulator::open_in(*world_, bus_.name)();
}

/// A simulated house without a file lives in one process: in the rbampd that runs it, when the same ledger says that it is the same.
bool BusAccess::lives_in_daemon(Context& context) {
  if (!is_simulated() || !(*context.config())->simulator.state_file.empty()) return false;
  auto client = dbus::Client::connect();
  if (!client) return false;
  if (!require_instance(context, *client, Instance::configured)) return false;
  const auto status = client->status();
  if (!status) return false;
  return find(status->buses, [&](const auto& bus) { return bus.name == bus_.name && bus.driver == "simulator"; }) != nullptr;
}

Result<OpenBus> BusAccess::borrow(Context& context, Error why_not_directly) {
  auto client = dbus::Client::connect();
  if (!client) {
    // Who may not ask the daemon should know that; any other reason only means that there is nobody to ask.
    why_not_directly.detail += client.error().is(Errc::daemon_refused)
                                   ? ". It would lend the bus, but: " + client.error().detail
                                   : ". It cannot be asked to lend the bus (" + client.error().detail +
                                         "); when it is rbampd, \"systemctl stop rbampd\" frees it";
    return failure(std::move(why_not_directly));
  }
  // Its bus of the same name is another one.
  if (auto same = require_instance(context, *client, Instance::configured); !same) {
    why_not_directly.detail += ". It is not borrowed: " + same.error().detail;
    return failure(std::move(why_not_directly));
  }
  daemon_ = std::make_unique<dbus::Client>(std::move(*client));
  auto lent = LentBus::borrow(*daemon_, {bus_.name, is_simulated() ? "simulator" : bus_.device});
  if (!lent) {
    why_not_directly.detail += ". rbampd does not lend it: " + lent.error().detail;
    return failure(std::move(why_not_directly));
  }
  way_ = BusWay::daemon;
  description_ = (*lent)->describe();
  return OpenBus{std::move(*lent)};
}

Result<void> BusAccess::connect(Context& context, const BusChoice& choice) {
  auto direct = lives_in_daemon(context)
                    ? Result<OpenBus>{failure(Errc::bus_busy, Remedy::retry, "rbampd runs this simulated house")}
                    : open_directly(context);
  auto bus = direct || !direct.error().is(Errc::bus_busy) ? std::move(direct) : borrow(context, std::move(direct.error()));
  if (!bus) return failure(std::move(bus.error()));
  OpenBus opened = std::move(*bus);
  if (!choice.record.empty()) {
    auto sink = bus::open_recording_file(choice.record);
    if (!sink) return failure(std::move(sink.error()));
    opened = std::make_unique<bus::RecordingBus>(std::move(opened), context.clock(), std::move(*sink));
  }
  // The lock goes with the descriptor: what was lost is not opened again behind a person's back.
  auto once = [kept = std::make_shared<OpenBus>(std::move(opened))]() -> Result<OpenBus> {
    if (*kept == nullptr) return failure(Errc::bus_missing, Remedy::give_up, "the bus was lost");
    return std::move(*kept);
  };
  station_ = std::make_unique<fleet::BusStation>(bus_.name, std::move(once), context.clock());
  return station_->open();
}

const config::Module* BusAccess::configured_at(I2cAddress address) const {
  return find(modules_, [&](const auto& module) { return module.address == address; });
}

}  // namespace rbamp::ctl
