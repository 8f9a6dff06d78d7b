#include "dbus/client.hpp"

#include <chrono>
#include <dbus-glue/manager_proxy.hpp>
#include <utility>

#include "dbus/compat.hpp"
#include "dbus/error_name.hpp"
#include "dbus/object_path.hpp"
#include "dbus/status_dictionary.hpp"

namespace rbamp::dbus {
namespace {

using std::chrono::seconds;
constexpr seconds quick{10};
constexpr seconds patient{60};  // a latch waits for the bus, a commit for a slow card

class ManagerProxy final : public sdbus::ProxyInterfaces<org::rbampd1::Manager_proxy> {
 public:
  explicit ManagerProxy(sdbus::IConnection& connection)
      : ProxyInterfaces(connection, compat::ServiceName{bus_name}, sdbus::ObjectPath{manager_path}) {
    registerProxy();
  }
  ManagerProxy(const ManagerProxy&) = delete;
  ManagerProxy& operator=(const ManagerProxy&) = delete;
  ~ManagerProxy() { unregisterProxy(); }
};

Booked booked_from(
    std::uint64_t at_usec,
    const std::vector<sdbus::Struct<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>>& channels) {
  Booked booked{utc_from(at_usec), {}};
  for (const auto& channel : channels) {
    booked.channels.push_back({channel.get<0>(), MicroWattHours{channel.get<1>()}, MicroWattHours{channel.get<2>()},
                               MicroWattHours{channel.get<3>()}, MicroWattHours{channel.get<4>()}});
  }
  return booked;
}

Error no_bus(const sdbus::Error& error) {
  return {Errc::dbus_missing, Remedy::give_up,
          "there is no message bus to reach rbampd by (" + std::string{error.getMessage()} + "); is dbus running?"};
}

}  // namespace

class Client::Core {
 public:
  explicit Core(std::unique_ptr<sdbus::IConnection> connection) : connection_(std::move(connection)), manager_(*connection_) {}

  /// One call, at most this long; what is thrown becomes an Error.
  template <class Call>
  auto ask(seconds limit, Call call) -> Result<decltype(call(std::declval<ManagerProxy&>()))> {
    try {
      connection_->setMethodCallTimeout(limit);
      if constexpr (std::is_void_v<decltype(call(manager_))>) {
        call(manager_);
        return {};
      } else {
        return call(manager_);
      }
    } catch (const sdbus::Error& error) {
      return failure(explained(std::string{error.getName()}, error.getMessage()));
    }
  }

  Result<int> process_id() {
    try {
      connection_->setMethodCallTimeout(quick);
      const auto bus = compat::make_proxy(*connection_, "org.freedesktop.DBus", "/org/freedesktop/DBus");
      std::uint32_t process = 0;
      bus->callMethod("GetConnectionUnixProcessID")
          .onInterface("org.freedesktop.DBus")
          .withArguments(std::string{bus_name})
          .storeResultsTo(process);
      return static_cast<int>(process);
    } catch (const sdbus::Error& error) {
      return failure(explained(std::string{error.getName()}, error.getMessage()));
    }
  }

  std::string version;

 private:
  std::unique_ptr<sdbus::IConnection> connection_;
  ManagerProxy manager_;
};

Result<Client> Client::connect(const std::string& address) {
  std::unique_ptr<Core> core;
  try {
    core = std::make_unique<Core>(compat::open_bus(address));
  } catch (const sdbus::Error& error) {
    return failure(no_bus(error));
  }
  auto version = core->ask(quick, [](ManagerProxy& manager) { return manager.Version(); });
  if (!version) return failure(version.error());
  core->version = std::move(*version);
  return Client{std::move(core)};
}

Client::Client(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Client::Client(Client&& other) noexcept = default;
Client& Client::operator=(Client&& other) noexcept = default;
Client::~Client() = default;

const std::string& Client::version() const { return core_->version; }

Result<int> Client::process_id() { return core_->process_id(); }

Result<Status> Client::status() {
  const auto answer = core_->ask(quick, [](ManagerProxy& manager) { return manager.GetStatus(); });
  if (!answer) return failure(answer.error());
  return status_from(*answer);
}

Result<void> Client::latch_now() {
  return core_->ask(patient, [](ManagerProxy& manager) { manager.LatchNow(); });
}

Result<std::string> Client::reload() {
  return core_->ask(patient, [](ManagerProxy& manager) { return manager.Reload(); });
}

Result<void> Client::restart_module(const std::string& module_id) {
  return core_->ask(patient, [&](ManagerProxy& manager) { manager.RestartModule(module_id); });
}

Result<Booked> Client::adjust(const AdjustRequest& request) {
  return core_->ask(patient, [&](ManagerProxy& manager) {
    const auto [at, channels] = manager.Adjust(request.place, request.channel, request.energy_import.value(),
                                               request.energy_export.value(), request.reason);
    return booked_from(at, channels);
  });
}

Result<Booked> Client::meter_change(const MeterChangeRequest& request) {
  Dictionary change;
  if (!request.channel.empty()) change.emplace("Channel", sdbus::Variant{request.channel});
  if (request.energy_import) change.emplace("ImportUwh", sdbus::Variant{request.energy_import->value()});
  if (request.energy_export) change.emplace("ExportUwh", sdbus::Variant{request.energy_export->value()});
  if (request.new_chip) change.emplace("NewUid", sdbus::Variant{to_string(*request.new_chip)});
  return core_->ask(patient, [&](ManagerProxy& manager) {
    const auto [at, channels] = manager.MeterChange(request.place, change, request.reason);
    return booked_from(at, channels);
  });
}

Result<void> Client::forget_module(const std::string& module_id) {
  return core_->ask(patient, [&](ManagerProxy& manager) { manager.HomeAssistantForget(module_id); });
}

Result<std::vector<ForeignMeter>> Client::find_foreign_meters() {
  return core_->ask(patient, [](ManagerProxy& manager) {
    std::vector<ForeignMeter> meters;
    for (const auto& meter : manager.HomeAssistantFind()) meters.push_back({meter.get<0>(), meter.get<1>(), meter.get<2>()});
    return meters;
  });
}

Result<Adopted> Client::adopt(const AdoptRequest& request) {
  return core_->ask(patient, [&](ManagerProxy& manager) {
    const auto [taken, left] = manager.HomeAssistantAdopt(request.place, request.node, request.pairs, request.is_trial);
    Adopted adopted;
    for (const auto& entity : taken)
      adopted.taken.push_back({entity.get<0>(), entity.get<1>(), entity.get<2>(), entity.get<3>()});
    adopted.left = left;
    return adopted;
  });
}

Result<BusLoan> Client::borrow_bus(const std::string& name) {
  return core_->ask(patient, [&](ManagerProxy& manager) {
    const auto [id, device, plain_i2c, max_read] = manager.BorrowBus(name);
    return BusLoan{id, device, {plain_i2c, max_read, false}};  // the general call is the daemon's
  });
}

Result<std::vector<std::uint8_t>> Client::transfer(std::uint64_t loan, const BusTransfer& transfer) {
  // A length that does not fit is told by the daemon, like any other that is too long.
  const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(transfer.read_length, UINT32_MAX));
  return core_->ask(
      quick, [&](ManagerProxy& manager) { return manager.Transfer(loan, transfer.address.value(), transfer.write, length); });
}

Result<void> Client::return_bus(std::uint64_t loan) {
  return core_->ask(quick, [&](ManagerProxy& manager) { manager.ReturnBus(loan); });
}

}  // namespace rbamp::dbus
