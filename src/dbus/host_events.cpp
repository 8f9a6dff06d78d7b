#include "dbus/host_events.hpp"

#include <array>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "dbus/bus_link.hpp"
#include "dbus/clock_inquiry.hpp"

namespace rbamp::dbus {
namespace {

constexpr const char* logind = "org.freedesktop.login1";
constexpr const char* logind_path = "/org/freedesktop/login1";
constexpr const char* logind_interface = "org.freedesktop.login1.Manager";
constexpr const char* bus_driver = "org.freedesktop.DBus";

/// One lock for each: logind up to 256 asks another question about both in one, to which a service gets no for an answer.
constexpr std::array delayed{"shutdown", "sleep"};

/// A service that synchronises its clock tells that many times at once.
constexpr Microseconds look_delay = std::chrono::milliseconds{100};

std::string rule(const std::string& sender, const std::string& path, const std::string& interface, const std::string& member) {
  return "type='signal',sender='" + sender + "',path='" + path + "',interface='" + interface + "',member='" + member + "'";
}

}  // namespace

class HostEvents::Core {
 public:
  Core(loop::Loop& loop, log::Logger& log, Callbacks callbacks, std::string address)
      : loop_(loop), log_(log), callbacks_(std::move(callbacks)), link_(loop, std::move(address), hooks()) {
    if (callbacks_.clock_is) inquiry_ = std::make_unique<ClockInquiry>(loop, link_, callbacks_.clock_is);
  }

  void start() { link_.start(); }
  void ask_about_clock() {
    if (inquiry_) inquiry_->ask();
  }
  [[nodiscard]] bool holds_lock() const { return locks_->size() == delayed.size(); }

 private:
  [[nodiscard]] BusLink::Hooks hooks();
  void connected(sdbus::IConnection& connection);
  void disconnecting();
  void do_without(const std::string& why);
  void logind_is(const std::string& owner);
  void take_locks();
  void prepare_for_sleep(bool is_about_to);
  void prepare_for_shutdown(bool is_about_to);
  void clock_hint();
  void announce(const std::function<void(std::function<void()>)>& callback);

  loop::Loop& loop_;
  log::Logger& log_;
  Callbacks callbacks_;
  std::string logind_owner_;  ///< unique name; empty: not running, as far as we know
  std::shared_ptr<std::vector<Fd>> locks_ =
      std::make_shared<std::vector<Fd>>();  ///< shared with the `done` of who books the period
  bool is_lack_told_ = false;
  std::unique_ptr<sdbus::IProxy> driver_;
  std::unique_ptr<sdbus::IProxy> manager_;
  loop::Timer look_;
  std::unique_ptr<ClockInquiry> inquiry_;
  BusLink link_;  // last: it goes first, and says so to the rest
};

BusLink::Hooks HostEvents::Core::hooks() {
  const auto prepare = [this](sdbus::IConnection& connection) -> Result<void> {
    // `this` is only handed on here: handlers run on the loop thread, and not after the connection's end. Anyone may send us a signal
    // of any name, so what makes us book a period must come from logind itself.
    const auto on_logind = [this, &connection](const char* member, void (Core::*handler)(bool)) {
      compat::add_match(connection, rule(logind, logind_path, logind_interface, member),
                        [this, handler](sdbus::Message& message) {
                          bool is_about_to = false;
                          message >> is_about_to;
                          if (std::string{message.getSender()} == logind_owner_) (this->*handler)(is_about_to);
                        });
    };
    on_logind("PrepareForSleep", &Core::prepare_for_sleep);
    on_logind("PrepareForShutdown", &Core::prepare_for_shutdown);
    compat::add_match(connection,
                      rule(bus_driver, "/org/freedesktop/DBus", bus_driver, "NameOwnerChanged") + ",arg0='" + logind + "'",
                      [this](sdbus::Message& message) {
                        std::string name;
                        std::string before;
                        std::string now;
                        message >> name >> before >> now;
                        if (std::string{message.getSender()} == bus_driver) logind_is(now);
                      });
    // timedated tells that the zone or the use of NTP changed, timesyncd each answer of a time server, the first one too.
    for (const auto* service : {"timedate1", "timesync1"}) {
      compat::add_match(connection,
                        rule("org.freedesktop." + std::string{service}, "/org/freedesktop/" + std::string{service},
                             "org.freedesktop.DBus.Properties", "PropertiesChanged"),
                        [this](const sdbus::Message& /*message*/) { clock_hint(); });
    }
    return {};
  };
  return {
      prepare,
      [this](sdbus::IConnection& connection) { connected(connection); },
      [this] { disconnecting(); },
      [this](const Error& error) {
        do_without(error.detail);
        if (callbacks_.clock_is) callbacks_.clock_is(failure(error));
      },
  };
}

void HostEvents::Core::connected(sdbus::IConnection& connection) {
  driver_ = compat::make_proxy(connection, bus_driver, "/org/freedesktop/DBus");
  manager_ = compat::make_proxy(connection, logind, logind_path);
  if (inquiry_) inquiry_->connected(connection);
  driver_->callMethodAsync("GetNameOwner")
      .onInterface(bus_driver)
      .withArguments(std::string{logind})
      .uponReplyInvoke([this](compat::CallError error, const std::string& owner) {
        if (error) return do_without("there is no logind (" + std::string{error->getMessage()} + ")");
        logind_is(owner);
      });
}

void HostEvents::Core::disconnecting() {
  if (inquiry_) inquiry_->disconnected();
  manager_.reset();
  driver_.reset();
  logind_owner_.clear();  // the lock stays: logind honours it without a bus, and it is taken anew with the next connection
}

void HostEvents::Core::do_without(const std::string& why) {
  if (std::exchange(is_lack_told_, true)) return;
  log_.debug("The host will not wait for us before it sleeps or powers off: " + why);
}

void HostEvents::Core::logind_is(const std::string& owner) {
  logind_owner_ = owner;
  if (!owner.empty() && locks_->empty()) take_locks();
}

void HostEvents::Core::take_locks() {
  if (!manager_) return;
  locks_ = std::make_shared<std::vector<Fd>>();  // a late `done` releases the old ones, which are of no use any more
  for (const auto* what : delayed) {
    link_.send([this, what] {
      manager_->callMethodAsync("Inhibit")
          .onInterface(logind_interface)
          .withArguments(std::string{what}, std::string{"rbampd"}, std::string{"Books the energy of the running period"},
                         std::string{"delay"})
          .uponReplyInvoke([this, locks = locks_](compat::CallError error, sdbus::UnixFd fd) {
            if (error) return do_without("logind refused (" + std::string{error->getMessage()} + ")");
            is_lack_told_ = false;
            locks->emplace_back(fd.release());
          });
    });
  }
}

void HostEvents::Core::prepare_for_sleep(bool is_about_to) {
  if (is_about_to) return announce(callbacks_.before_sleep);
  take_locks();
  if (callbacks_.after_sleep) callbacks_.after_sleep();
}

void HostEvents::Core::prepare_for_shutdown(bool is_about_to) {
  if (is_about_to) return announce(callbacks_.before_shutdown);
  take_locks();  // it was called off
}

void HostEvents::Core::announce(const std::function<void(std::function<void()>)>& callback) {
  auto done = [locks = locks_] { locks->clear(); };
  if (!callback) return done();
  callback(std::move(done));
}

void HostEvents::Core::clock_hint() {
  if (look_.is_set()) return;
  look_ = loop_.call_after(look_delay, [this] {
    look_.cancel();
    // Each answer of a time server is a hint: a clock that is known to be synchronised is not asked about every time.
    if (inquiry_ && !inquiry_->is_synchronised()) inquiry_->ask();
    if (callbacks_.look_at_clock) callbacks_.look_at_clock();
  });
}

HostEvents::HostEvents(loop::Loop& loop, log::Logger& log, Callbacks callbacks, std::string address)
    : core_(std::make_unique<Core>(loop, log, std::move(callbacks), std::move(address))) {}
HostEvents::~HostEvents() = default;

void HostEvents::start() { core_->start(); }
void HostEvents::ask_about_clock() { core_->ask_about_clock(); }
bool HostEvents::holds_lock() const { return core_->holds_lock(); }

}  // namespace rbamp::dbus
