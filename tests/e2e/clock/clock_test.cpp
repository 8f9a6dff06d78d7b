// Whether the times of periods can be trusted, when only systemd-timedated may ask the kernel. Protocol 12.2, design section 3.
#include <signal.h>

#include <chrono>
#include <thread>

#include "e2e/daemon/house_config.hpp"
#include "integration/dbus/mock_timedated.hpp"
#include "integration/dbus/private_bus.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

class Home {
 public:
  TemporaryDirectory folder;
  dbus::PrivateBus bus;
  std::unique_ptr<dbus::MockTimedated> timedated;
  std::unique_ptr<ChildProcess> daemon;

  void start_timedated(bool is_synchronised) {
    bus.start();
    timedated = std::make_unique<dbus::MockTimedated>(bus.address());
    timedated->is_synchronised = is_synchronised;
  }
  void start_daemon() {
    daemon = std::make_unique<ChildProcess>(
        WITHOUT_CLOCK, std::vector<std::string>{e2e::rbampd, "--config", folder.write("c.toml", e2e::one_kilowatt(folder))},
        std::vector<std::string>{"DBUS_SYSTEM_BUS_ADDRESS=" + bus.address()});
    REQUIRE(until([&] { return daemon->wait_for_notify("READY=1", milliseconds{1}); }));
  }
  template <class Condition>
  [[nodiscard]] bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      if (timedated) timedated->poll();
      std::this_thread::sleep_for(milliseconds{5});
    }
    return true;
  }
  [[nodiscard]] bool until_told(const std::string& words) {
    return until([&] { return daemon->output().find(words) != std::string::npos; });
  }
  [[nodiscard]] double rounds(const std::string& condition) const {
    return e2e::ask(folder.file("energy.db"), "SELECT count(*) FROM rounds WHERE " + condition);
  }
  [[nodiscard]] bool until_booked() {
    return until([&] { return rounds("1") > 0; });
  }
  void end(int signal) {
    daemon->send(signal);
    REQUIRE(daemon->wait_for_end(seconds{10}));
  }
};

}  // namespace

TEST_CASE("a clock that timedated trusts is trusted from the first period on") {
  Home home;
  home.start_timedated(true);
  home.start_daemon();
  REQUIRE(home.until_booked());
  home.end(SIGTERM);
  CHECK(home.timedated->asked == 1);
  CHECK(home.rounds("label <> 1") == 0);
  CHECK(home.daemon->output().find("synchronised") == std::string::npos);
}

TEST_CASE("times that were booked before the clock was synchronised are corrected, by the next process too") {
  Home home;
  home.start_timedated(false);
  home.start_daemon();
  REQUIRE(home.until_booked());
  CHECK(home.rounds("label <> 0") == 0);
  home.timedated->is_synchronised = true;
  SECTION("when a time server answers") {
    dbus::Caller timesyncd{home.bus.address()};
    timesyncd.own("org.freedesktop.timesync1");
    timesyncd.emit({"/org/freedesktop/timesync1", "org.freedesktop.DBus.Properties", "PropertiesChanged"}, {}, "sa{sv}as",
                   "org.freedesktop.timesync1", 0, 0);
    CHECK(home.until_told("The host's clock is synchronised"));
  }
  SECTION("when the process was killed meanwhile") {
    home.end(SIGKILL);
    home.start_daemon();
  }
  CHECK(home.until_told("periods of this boot were corrected"));
  home.end(SIGTERM);
  CHECK(home.rounds("label <> 1") == 0);
}

TEST_CASE("without anybody who knows, metering goes on, and one line says what is not known") {
  Home home;  // no bus at all
  home.start_daemon();
  REQUIRE(home.until_booked());
  home.end(SIGTERM);
  CHECK(home.rounds("label <> 0") == 0);
  CHECK(home.daemon->output().find("cannot be learnt from systemd-timedated") != std::string::npos);
}

TEST_CASE("a message bus that hangs does not hold metering up") {
  Home home;
  home.start_timedated(true);
  home.bus.freeze();
  home.start_daemon();
  REQUIRE(home.until_booked());
  home.bus.thaw();
  CHECK(home.until_told("The host's clock is synchronised"));
  home.end(SIGTERM);
  CHECK(home.rounds("label <> 1") == 0);
}
