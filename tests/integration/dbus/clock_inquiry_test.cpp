// What timedated says about the clock, for a service that may not ask the kernel.
#include "dbus/clock_inquiry.hpp"
#include "caller.hpp"
#include "host_world.hpp"
#include "mock_timedated.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

/// The host's events with the question about the clock, and timedated, which may be away.
struct Host : HostWorld<MockTimedated> {
  Host() {
    HostEvents::Callbacks callbacks;
    callbacks.clock_is = [this](const Result<bool>& said) {
      told.emplace_back(!said ? "nobody knows" : *said ? "synchronised" : "not synchronised");
    };
    events = std::make_unique<HostEvents>(*loop, log, std::move(callbacks), bus.address());
    bus.start();
  }
  void start(bool is_synchronised) {
    bring_service();
    service->is_synchronised = is_synchronised;
    events->start();
    until([&] { return !told.empty(); });
  }
  void time_server_answers() {
    Caller timesyncd{bus.address()};
    timesyncd.own("org.freedesktop.timesync1");
    timesyncd.emit({"/org/freedesktop/timesync1", "org.freedesktop.DBus.Properties", "PropertiesChanged"}, {}, "sa{sv}as",
                   "org.freedesktop.timesync1", 0, 0);
  }
};

}  // namespace

TEST_CASE("timedated is asked about the clock in the beginning") {
  const bool is_synchronised = GENERATE(true, false);
  Host host;
  host.start(is_synchronised);
  CHECK(host.told == std::vector<std::string>{is_synchronised ? "synchronised" : "not synchronised"});
  CHECK(host.service->asked == 1);
}

TEST_CASE("nobody is asked about the clock by who does not want to know") {
  Host host;
  host.bring_service();
  HostEvents events{*host.loop, host.log, {}, host.bus.address()};
  events.start();
  host.until([&] { return host.sink.contains("will not wait for us"); });  // the connection stands, and there is no logind
  events.ask_about_clock();
  host.run_for(std::chrono::milliseconds{50});
  CHECK(host.service->asked == 0);
}

TEST_CASE("the first answer of a time server makes timedated be asked, the later ones do not") {
  Host host;
  host.start(false);
  host.service->is_synchronised = true;
  host.time_server_answers();
  host.until([&] { return host.told.size() == 2; });
  CHECK(host.told.back() == "synchronised");
  host.time_server_answers();
  host.run_for(std::chrono::milliseconds{300});
  CHECK(host.service->asked == 2);
}

TEST_CASE("an answer to a question from before the clock was set does not count") {
  Host host;
  host.start(true);
  host.service->holds_back = true;
  host.events->ask_about_clock();
  host.until([&] { return host.service->held_back() == 1; });
  host.events->ask_about_clock();  // the clock was set meanwhile
  host.service->answer(true);
  host.until([&] { return host.service->held_back() == 1; });
  CHECK(host.told.size() == 1);
  host.service->answer(false);
  host.until([&] { return host.told.size() == 2; });
  CHECK(host.told.back() == "not synchronised");
  CHECK(host.service->asked == 3);
}

TEST_CASE("without timedated, and without a bus, nobody knows; it is asked when it comes") {
  Host host;
  const bool has_bus = GENERATE(true, false);
  if (!has_bus) host.bus.stop();
  host.events->start();
  host.until([&] { return !host.told.empty(); });
  CHECK(host.told == std::vector<std::string>{"nobody knows"});
  if (!has_bus) host.bus.start();
  host.bring_service();
  host.service->is_synchronised = true;
  host.events->ask_about_clock();
  host.until([&] { return host.told.back() == "synchronised"; });
}

TEST_CASE("a bus that restarts makes timedated be asked anew") {
  Host host;
  host.start(false);
  host.service.reset();
  host.bus.stop();
  host.until([&] { return host.told.size() == 2; });
  CHECK(host.told.back() == "nobody knows");
  host.bus.start();
  host.bring_service();
  host.service->is_synchronised = true;
  host.until([&] { return host.told.back() == "synchronised"; });
}

TEST_CASE("a clock that becomes synchronised without a word is found, and is seldom asked about from then on") {
  Host host;
  host.bring_service();
  int answers = 0;
  std::unique_ptr<ClockInquiry> inquiry;
  BusLink link{*host.loop,
               host.bus.address(),
               {[](sdbus::IConnection& /*connection*/) -> Result<void> { return {}; },
                [&](sdbus::IConnection& connection) { inquiry->connected(connection); }, [&] { inquiry->disconnected(); },
                [](const Error& /*error*/) {}}};
  inquiry = std::make_unique<ClockInquiry>(
      *host.loop, link, [&](const Result<bool>& /*said*/) { ++answers; },
      ClockInquiry::Pauses{std::chrono::milliseconds{5}, std::chrono::milliseconds{20}, std::chrono::hours{1}});
  link.start();
  host.until([&] { return answers == 4; });
  host.service->is_synchronised = true;
  host.until([&] { return inquiry->is_synchronised(); });
  const int asked = host.service->asked;
  host.run_for(std::chrono::milliseconds{100});
  CHECK(host.service->asked == asked);
}

}  // namespace rbamp::dbus
