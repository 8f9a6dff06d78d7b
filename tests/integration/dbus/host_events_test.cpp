// What logind and timedated say, and the lock that makes the host wait.
#include <optional>

#include "bus_world.hpp"
#include "dbus/host_events.hpp"
#include "mock_logind.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

struct Host {
  PrivateBus bus;
  support::TimedLoop loop;
  support::MemorySink sink;
  log::Logger log{sink, log::Level::debug};
  std::unique_ptr<MockLogind> logind;
  std::vector<std::string> told;
  std::function<void()> done;
  std::unique_ptr<HostEvents> events;

  Host() {
    const auto keep = [this](const std::string& what) {
      return [this, what](std::function<void()> when_done) {
        told.push_back(what);
        done = std::move(when_done);
      };
    };
    events = std::make_unique<HostEvents>(*loop, log,
                                          HostEvents::Callbacks{keep("before sleep"),
                                                                [this] { told.emplace_back("after sleep"); },
                                                                keep("before shutdown"),
                                                                [this] { told.emplace_back("look at the clock"); },
                                                                {}},
                                          bus.address());
    bus.start();
  }
  template <class Condition>
  void until(Condition condition) {
    loop.run_until([&] {
      if (logind) logind->poll();
      return condition();
    });
  }
  void start_with_logind() {
    logind = std::make_unique<MockLogind>(bus.address());
    events->start();
    until([&] { return events->holds_lock(); });
  }
  void run_for(Microseconds time) {
    const auto end = loop->clock().boot_now() + time;
    until([&] { return loop->clock().boot_now() >= end; });
  }
};

TEST_CASE("the host is asked to wait from the start") {
  Host host;
  host.start_with_logind();
  REQUIRE(host.logind->requests.size() == 1);
  CHECK(host.logind->requests[0] == "'shutdown:sleep', 'rbampd', 'Books the energy of the running period', 'delay'");
  CHECK(host.logind->locks() == 1);
}

TEST_CASE("the host sleeps when the period is booked, and waits again after that") {
  Host host;
  host.start_with_logind();
  host.logind->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  CHECK(host.told == std::vector<std::string>{"before sleep"});
  CHECK(host.logind->locks() == 1);
  host.done();
  CHECK(host.logind->locks() == 0);
  CHECK_FALSE(host.events->holds_lock());
  host.logind->announce("PrepareForSleep", false);
  host.until([&] { return host.events->holds_lock(); });
  CHECK(host.told.back() == "after sleep");
  CHECK(host.logind->locks() == 1);
}

TEST_CASE("who is done too late does not let go of the next lock") {
  Host host;
  host.start_with_logind();
  host.logind->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  const auto late = host.done;
  host.logind->announce("PrepareForSleep", false);
  host.until([&] { return host.logind->requests.size() == 2 && host.events->holds_lock(); });
  late();
  CHECK(host.events->holds_lock());
  CHECK(host.logind->locks() == 1);
}

TEST_CASE("the host powers off when the period is booked, and a power-off that is called off is waited for again") {
  Host host;
  host.start_with_logind();
  host.logind->announce("PrepareForShutdown", true);
  host.until([&] { return !host.told.empty(); });
  CHECK(host.told == std::vector<std::string>{"before shutdown"});
  host.done();
  CHECK(host.logind->locks() == 0);
  host.logind->announce("PrepareForShutdown", false);
  host.until([&] { return host.logind->locks() == 1; });
  CHECK(host.told.size() == 1);
}

TEST_CASE("done may be called when nobody listens to the host any more") {
  Host host;
  host.start_with_logind();
  host.logind->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  host.events.reset();
  CHECK(host.logind->locks() == 1);
  host.done();
  CHECK(host.logind->locks() == 0);
}

TEST_CASE("without logind there is one debug line, and it is asked when it comes") {
  Host host;
  host.events->start();
  host.until([&] { return host.sink.contains("will not wait for us"); });
  CHECK(host.sink.count(log::Level::debug) == 1);
  CHECK(host.sink.entries().size() == 1);
  CHECK_FALSE(host.events->holds_lock());
  host.logind = std::make_unique<MockLogind>(host.bus.address());
  host.until([&] { return host.events->holds_lock(); });
  CHECK(host.sink.entries().size() == 1);
}

TEST_CASE("a logind that refuses the lock still tells what the host is about to do") {
  Host host;
  host.logind = std::make_unique<MockLogind>(host.bus.address());
  host.logind->refuses = true;
  host.events->start();
  host.until([&] { return host.sink.contains("Permission denied"); });
  host.logind->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  host.done();
  CHECK(host.sink.entries().size() == 1);
}

TEST_CASE("nobody but logind can say that the host is about to sleep") {
  Host host;
  host.start_with_logind();
  Caller liar{host.bus.address()};
  liar.emit({"/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"}, {}, "b", 1);
  for (int n = 2; n < 12; ++n) {  // also straight to each connection of the bus
    const auto name = ":1." + std::to_string(n - 2);
    liar.emit({"/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"}, name, "b", 1);
    liar.emit({"/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged"}, name, "sss", "org.freedesktop.login1", "",
              liar.unique_name().c_str());
    liar.emit({"/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"}, name, "b", 1);
  }
  host.run_for(std::chrono::milliseconds{200});
  CHECK(host.told.empty());
  CHECK(host.logind->requests.size() == 1);
  CHECK(host.logind->locks() == 1);
}

TEST_CASE("the clock is looked at when timedated or timesyncd have something to say, once for many words") {
  const auto service = GENERATE(as<std::string>{}, "timedate1", "timesync1");
  Host host;
  host.start_with_logind();
  Caller timed{host.bus.address()};
  timed.own("org.freedesktop." + service);
  for (int i = 0; i < 5; ++i) {
    timed.emit({"/org/freedesktop/" + service, "org.freedesktop.DBus.Properties", "PropertiesChanged"}, {}, "sa{sv}as",
               ("org.freedesktop." + service).c_str(), 1, "NTPSynchronized", "b", 1, 0);
  }
  host.until([&] { return !host.told.empty(); });
  host.run_for(std::chrono::milliseconds{300});
  CHECK(host.told == std::vector<std::string>{"look at the clock"});
}

TEST_CASE("without a bus there is one debug line, and the lock comes with the bus") {
  Host host;
  host.bus.stop();
  host.events->start();
  host.run_for(std::chrono::milliseconds{1500});
  CHECK(host.sink.entries().size() == 1);
  host.bus.start();
  host.logind = std::make_unique<MockLogind>(host.bus.address());
  host.until([&] { return host.events->holds_lock(); });
  CHECK(host.sink.entries().size() == 1);
}

TEST_CASE("a bus that restarts costs neither the lock nor the next word of logind") {
  Host host;
  host.start_with_logind();
  host.logind.reset();
  host.bus.stop();
  host.run_for(std::chrono::milliseconds{100});
  host.bus.start();
  host.logind = std::make_unique<MockLogind>(host.bus.address());
  const auto speak = host.loop->clock().boot_now() + std::chrono::milliseconds{1500};
  bool was_said = false;
  host.until([&] {
    if (!was_said && host.loop->clock().boot_now() >= speak) {
      host.logind->announce("PrepareForSleep", true);
      was_said = true;
    }
    return !host.told.empty();
  });
  CHECK(host.told == std::vector<std::string>{"before sleep"});
}

}  // namespace
}  // namespace rbamp::dbus
