// What logind and timedated say, and the lock that makes the host wait.
#include <optional>

#include "caller.hpp"
#include "host_world.hpp"
#include "mock_logind.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

struct Host : HostWorld<MockLogind> {
  std::function<void()> done;

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
  void start_with_logind() {
    bring_service();
    events->start();
    until([&] { return events->holds_lock(); });
  }
};

TEST_CASE("the host is asked to wait from the start") {
  Host host;
  host.start_with_logind();
  REQUIRE(host.service->requests.size() == 2);
  CHECK(host.service->requests[0] == "'shutdown', 'rbampd', 'Books the energy of the running period', 'delay'");
  CHECK(host.service->requests[1] == "'sleep', 'rbampd', 'Books the energy of the running period', 'delay'");
  CHECK(host.service->locks() == 2);
}

TEST_CASE("the host sleeps when the period is booked, and waits again after that") {
  Host host;
  host.start_with_logind();
  host.service->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  CHECK(host.told == std::vector<std::string>{"before sleep"});
  CHECK(host.service->locks() == 2);
  host.done();
  CHECK(host.service->locks() == 0);
  CHECK_FALSE(host.events->holds_lock());
  host.service->announce("PrepareForSleep", false);
  host.until([&] { return host.events->holds_lock(); });
  CHECK(host.told.back() == "after sleep");
  CHECK(host.service->locks() == 2);
}

TEST_CASE("who is done too late does not let go of the next lock") {
  Host host;
  host.start_with_logind();
  host.service->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  const auto late = host.done;
  host.service->announce("PrepareForSleep", false);
  host.until([&] { return host.service->requests.size() == 4 && host.events->holds_lock(); });
  late();
  CHECK(host.events->holds_lock());
  CHECK(host.service->locks() == 2);
}

TEST_CASE("the host powers off when the period is booked, and a power-off that is called off is waited for again") {
  Host host;
  host.start_with_logind();
  host.service->announce("PrepareForShutdown", true);
  host.until([&] { return !host.told.empty(); });
  CHECK(host.told == std::vector<std::string>{"before shutdown"});
  host.done();
  CHECK(host.service->locks() == 0);
  host.service->announce("PrepareForShutdown", false);
  host.until([&] { return host.service->locks() == 2; });
  CHECK(host.told.size() == 1);
}

TEST_CASE("done may be called when nobody listens to the host any more") {
  Host host;
  host.start_with_logind();
  host.service->announce("PrepareForSleep", true);
  host.until([&] { return !host.told.empty(); });
  host.events.reset();
  CHECK(host.service->locks() == 2);
  host.done();
  CHECK(host.service->locks() == 0);
}

TEST_CASE("without logind there is one debug line, and it is asked when it comes") {
  Host host;
  host.events->start();
  host.until([&] { return host.sink.contains("will not wait for us"); });
  CHECK(host.sink.count(log::Level::debug) == 1);
  CHECK(host.sink.entries().size() == 1);
  CHECK_FALSE(host.events->holds_lock());
  host.bring_service();
  host.until([&] { return host.events->holds_lock(); });
  CHECK(host.sink.entries().size() == 1);
}

TEST_CASE("a logind that refuses the lock still tells what the host is about to do") {
  Host host;
  host.bring_service();
  host.service->refuses = true;
  host.events->start();
  host.until([&] { return host.sink.contains("Permission denied"); });
  host.service->announce("PrepareForSleep", true);
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
  CHECK(host.service->requests.size() == 2);
  CHECK(host.service->locks() == 2);
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
  host.bring_service();
  host.until([&] { return host.events->holds_lock(); });
  CHECK(host.sink.entries().size() == 1);
}

TEST_CASE("a bus that restarts costs neither the lock nor the next word of logind") {
  Host host;
  host.start_with_logind();
  host.service.reset();
  host.bus.stop();
  host.run_for(std::chrono::milliseconds{100});
  host.bus.start();
  host.bring_service();
  const auto speak = host.loop->clock().boot_now() + std::chrono::milliseconds{1500};
  bool was_said = false;
  host.until([&] {
    if (!was_said && host.loop->clock().boot_now() >= speak) {
      host.service->announce("PrepareForSleep", true);
      was_said = true;
    }
    return !host.told.empty();
  });
  CHECK(host.told == std::vector<std::string>{"before sleep"});
}

}  // namespace
}  // namespace rbamp::dbus
