#include "dbus/service.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "dbus/bus_link.hpp"
#include "dbus/manager_object.hpp"
#include "dbus/module_object.hpp"
#include "dbus/object_path.hpp"
#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::dbus {
namespace {

/// The bus daemon sends this whenever a name gets another owner; an empty third argument: the name is gone.
constexpr const char* name_gone_rule =
    "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',"
    "member='NameOwnerChanged',arg2=''";

/// The error names of libsystemd for a name that is taken: EEXIST when it asked, EALREADY when this connection has it.
constexpr std::string_view taken = "org.freedesktop.DBus.Error.FileExists";

Result<void> request_name(sdbus::IConnection& connection) {
  try {
    connection.requestName(compat::ServiceName{bus_name});
    return {};
  } catch (const sdbus::Error& error) {
    const std::string& name = error.getName();
    if (name == taken) {
      return failure(Errc::daemon_busy, Remedy::wait, "another rbampd has this name");
    }
    if (name == "org.freedesktop.DBus.Error.AccessDenied") {
      return failure(
          Errc::daemon_refused, Remedy::wait,
          "the bus does not allow it; is /usr/share/dbus-1/system.d/org.rbampd1.conf installed, and does rbampd run as "
          "the user rbampd?");
    }
    throw;
  }
}

/// Values of `now` that differ from those of `before`, by the names of their properties.
std::vector<std::string> differences(const metering::ModuleDescription& before, const metering::ModuleDescription& now) {
  std::vector<std::string> names;
  if (before.name != now.name) names.emplace_back("Name");
  if (before.role != now.role) names.emplace_back("Role");
  if (before.uid != now.uid) names.emplace_back("Uid");
  if (before.variant != now.variant) names.emplace_back("Variant");
  if (before.hardware_version != now.hardware_version) names.emplace_back("HardwareVersion");
  if (before.firmware_version != now.firmware_version) names.emplace_back("FirmwareVersion");
  if (before.has_voltage != now.has_voltage) names.emplace_back("HasVoltage");
  const bool same_channels =
      std::equal(before.channels.begin(), before.channels.end(), now.channels.begin(), now.channels.end(),
                 [](const auto& a, const auto& b) { return a.index == b.index && a.id == b.id && a.name == b.name; });
  if (!same_channels) names.emplace_back("Channels");
  return names;
}

}  // namespace

class Service::Core {
 public:
  Core(loop::Loop& loop, Control& control, log::Logger& log, Settings settings)
      : loop_(loop),
        control_(control),
        log_(log),
        settings_(std::move(settings)),
        loans_(control, loop),
        link_(loop, settings_.address, hooks()) {
    view_.version = settings_.version;
  }

  void start() { link_.start(); }
  [[nodiscard]] bool is_on_the_bus() const { return manager_ != nullptr; }

  void describe(const metering::ModuleDescription& module);
  void set_reachable(const std::string& id, bool reachable);
  void live(const metering::Reading& reading);
  void committed(const metering::CommittedModule& module);
  void daemon_state(const metering::DaemonState& state);
  void look_at_health();
  void removed(const std::string& id);

 private:
  /// A module, and its object while there is a bus.
  struct Entry {
    ModuleView view;
    std::unique_ptr<ModuleObject> object;
    std::set<std::string> untold;  ///< properties that the next round of signals names
  };

  [[nodiscard]] BusLink::Hooks hooks();
  void connected(sdbus::IConnection& connection);
  void disconnecting();
  void failed(const Error& error);
  void take_health();
  void show(Entry& entry);
  void tell(Entry& entry, const std::vector<std::string>& properties);
  void tell_manager(const std::vector<std::string>& properties);
  void plan_round();
  void tell_untold();

  loop::Loop& loop_;
  Control& control_;
  log::Logger& log_;
  Settings settings_;
  ManagerView view_;
  std::map<std::string, Entry> modules_;
  LoanDesk loans_;
  std::unique_ptr<ManagerObject> manager_;
  std::set<std::string> untold_;  ///< of the manager
  bool is_failure_told_ = false;
  loop::Timer round_;
  BusLink link_;  // last: it goes first, and says so to the rest
};

BusLink::Hooks Service::Core::hooks() {
  return {
      [this](sdbus::IConnection& connection) {
        // `this` is only handed on here: the handler runs on the loop thread, and not after the connection's end.
        compat::add_match(connection, name_gone_rule, [this](sdbus::Message& message) {
          std::string name;
          message >> name;
          // Anyone may send us a signal of this name; only the bus daemon's counts.
          if (std::string{message.getSender()} == "org.freedesktop.DBus") loans_.owner_left(name);
        });
        return request_name(connection);
      },
      [this](sdbus::IConnection& connection) { connected(connection); },
      [this] { disconnecting(); },
      [this](const Error& error) { failed(error); },
  };
}

void Service::Core::connected(sdbus::IConnection& connection) {
  take_health();
  manager_ = std::make_unique<ManagerObject>(connection, link_, control_, loans_, view_);
  for (auto& [id, entry] : modules_) show(entry);
  if (std::exchange(is_failure_told_, false)) {
    log_.info("org.rbampd1 is on the message bus", {}, log::message_id::dbus_back);
  } else {
    log_.debug("org.rbampd1 is on the message bus");
  }
}

void Service::Core::disconnecting() {
  round_.cancel();
  untold_.clear();
  for (auto& [id, entry] : modules_) {
    entry.object.reset();
    entry.untold.clear();
  }
  manager_.reset();
  loans_.end_all();
}

void Service::Core::failed(const Error& error) {
  if (std::exchange(is_failure_told_, true)) return;
  log_.warning(
      "org.rbampd1 is not on the message bus: " + error.detail + ". Metering goes on; it is tried again at least every minute.",
      {{log::field::error, error.code.message()}}, log::message_id::dbus_absent);
}

void Service::Core::take_health() {
  const auto status = control_.status();
  view_.health = status.health;
  view_.problem = status.problem;
  view_.started = status.started;
}

void Service::Core::show(Entry& entry) {
  link_.send([&] {
    entry.object = std::make_unique<ModuleObject>(*link_.connection(), entry.view);
    entry.object->emit_added();
  });
}

void Service::Core::tell(Entry& entry, const std::vector<std::string>& properties) {
  if (!entry.object || properties.empty()) return;
  if (link_.is_congested()) {
    entry.untold.insert(properties.begin(), properties.end());
    return plan_round();
  }
  link_.send([&] { entry.object->emit_changed(properties); });
}

void Service::Core::tell_manager(const std::vector<std::string>& properties) {
  if (!manager_ || properties.empty()) return;
  if (link_.is_congested()) {
    untold_.insert(properties.begin(), properties.end());
    return plan_round();
  }
  link_.send([&] { manager_->emit_changed(properties); });
}

void Service::Core::describe(const metering::ModuleDescription& module) {
  const auto [it, is_new] = modules_.try_emplace(module.id);
  auto& entry = it->second;
  const auto before = std::exchange(entry.view.description, module);
  if (!is_new) return tell(entry, differences(before, module));
  view_.modules.push_back(module.id);
  if (!manager_) return;
  show(entry);
  tell_manager({"Modules"});
}

void Service::Core::set_reachable(const std::string& id, bool reachable) {
  const auto it = modules_.find(id);
  if (it == modules_.end() || it->second.view.is_reachable == reachable) return;
  auto& entry = it->second;
  entry.view.is_reachable = reachable;
  const bool had_live = entry.view.live.has_value();
  if (reachable || !had_live) return tell(entry, {"Reachable"});
  entry.view.live.reset();
  entry.untold.erase("Live");
  entry.untold.erase("LiveChannels");
  tell(entry, {"Reachable", "Live", "LiveChannels"});
}

void Service::Core::live(const metering::Reading& reading) {
  const auto it = modules_.find(reading.module_id);
  if (it == modules_.end()) return;
  auto& entry = it->second;
  entry.view.live = reading;
  if (!entry.object) return;
  entry.untold.insert({"Live", "LiveChannels"});
  plan_round();
}

void Service::Core::committed(const metering::CommittedModule& module) {
  const auto it = modules_.find(module.module_id);
  if (it == modules_.end()) return;
  it->second.view.registers = module.registers;
  tell(it->second, {"Registers"});
}

void Service::Core::daemon_state(const metering::DaemonState& state) {
  if (!manager_) {  // connected() asks for the rest
    view_.modules_online = state.modules_online;
    view_.bus_errors = state.bus_errors;
    return;
  }
  look_at_health();
  if (std::exchange(view_.modules_online, state.modules_online) != state.modules_online) tell_manager({"ModulesOnline"});
  if (std::exchange(view_.bus_errors, state.bus_errors) == state.bus_errors) return;
  untold_.insert("BusErrors");
  plan_round();
}

void Service::Core::look_at_health() {
  if (!manager_) return;  // connected() asks
  const auto health = view_.health;
  const auto problem = view_.problem;
  take_health();
  std::vector<std::string> changed;
  if (health != view_.health) changed.emplace_back("State");
  if (problem != view_.problem) changed.emplace_back("Problem");
  tell_manager(changed);
}

void Service::Core::removed(const std::string& id) {
  const auto it = modules_.find(id);
  if (it == modules_.end()) return;
  if (it->second.object) link_.send([&] { it->second.object->emit_removed(); });
  modules_.erase(it);
  std::erase(view_.modules, id);
  tell_manager({"Modules"});
}

/// One timer for all modules: their signals leave together, and the process sleeps in between.
void Service::Core::plan_round() {
  if (manager_ && !round_.is_set()) round_ = loop_.call_after(settings_.live_interval, [this] { tell_untold(); });
}

void Service::Core::tell_untold() {
  round_.cancel();
  if (link_.is_congested()) return plan_round();  // nobody reads: newer values will do
  const auto take = [](std::set<std::string>& names) {
    const auto untold = std::exchange(names, {});
    return std::vector<std::string>{untold.begin(), untold.end()};
  };
  for (auto& [id, entry] : modules_) tell(entry, take(entry.untold));
  tell_manager(take(untold_));
}

Service::Service(loop::Loop& loop, Control& control, log::Logger& log, Settings settings)
    : core_(std::make_unique<Core>(loop, control, log, std::move(settings))) {}
Service::~Service() = default;

void Service::start() { core_->start(); }
void Service::look_at_health() { core_->look_at_health(); }
bool Service::is_on_the_bus() const { return core_->is_on_the_bus(); }
void Service::describe(const metering::ModuleDescription& module) { core_->describe(module); }
void Service::set_reachable(const std::string& module_id, bool reachable) { core_->set_reachable(module_id, reachable); }
void Service::live(const metering::Reading& reading) { core_->live(reading); }
void Service::committed(const metering::CommittedModule& module) { core_->committed(module); }
void Service::daemon_state(const metering::DaemonState& state) { core_->daemon_state(state); }
void Service::removed(const std::string& module_id) { core_->removed(module_id); }

}  // namespace rbamp::dbus
