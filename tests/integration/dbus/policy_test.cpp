// The policy file as it is installed, with users that every system has in the place of ours.
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "bus_world.hpp"
#include "dbus/client.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

constexpr uid_t nobody = 65534;
constexpr uid_t member = 1;  // "daemon", in the group of that name

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

/// Our policies in a bus that, like the system bus, allows nothing else but to connect, to be answered and to signal.
std::string policies() {
  std::ifstream file{RBAMP_SOURCE_DIR "/packaging/dbus/org.rbampd1.conf"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  text = replaced(text, "<policy user=\"rbampd\">", "<policy user=\"daemon\">");
  text = replaced(text, "<policy group=\"rbampd\">", "<policy group=\"daemon\">");
  const auto begin = text.find("<busconfig>") + 11;
  return "<policy context='default'><deny own='*'/></policy>" + text.substr(begin, text.find("</busconfig>") - begin);
}

/// Makes the calling thread, and only that, another user: the C library would do it to all of them.
void become(uid_t user) {
  if (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setresgid, user, user, user) != 0 ||
      syscall(SYS_setresuid, user, user, user) != 0)
    throw std::runtime_error{"cannot become user " + std::to_string(user)};
}

template <class Ask>
auto as_user(BusWorld& world, uid_t user, Ask ask) {
  return world.away([address = world.bus.address(), user, ask = std::move(ask)] {
    become(user);
    auto client = Client::connect(address);
    if (!client) throw std::runtime_error{client.error().detail};
    return ask(*client);
  });
}

TEST_CASE("everyone reads, the group commands, and nobody else takes the name") {
  if (geteuid() != 0) {
    WARN("only root can try this as other users");
    return;
  }
  BusWorld world{policies()};
  world.bus.start();
  world.service->start();
  world.until([&] { return world.service->is_on_the_bus(); });
  world.service->describe(mains());

  CHECK(as_user(world, nobody, [](Client& client) { return client.status().has_value(); }));
  const AdjustRequest adjustment{"flats", "ground", MicroWattHours{1}, {}, "why"};
  for (const auto& refused : {as_user(world, nobody, [](Client& client) { return client.latch_now().error(); }),
                              as_user(world, nobody, [](Client& client) { return client.reload().error(); }),
                              as_user(world, nobody, [](Client& client) { return client.restart_module("mains").error(); }),
                              as_user(world, nobody, [&](Client& client) { return client.adjust(adjustment).error(); }),
                              as_user(world, nobody, [](Client& client) { return client.forget_module("mains").error(); }),
                              as_user(world, nobody, [](Client& client) { return client.borrow_bus("main").error(); }),
                              as_user(world, nobody, [](Client& client) { return client.return_bus(1).error(); })}) {
    CHECK(refused.is(Errc::daemon_refused));
    CHECK(has(refused.detail, "group rbampd"));
  }
  CHECK(world.control.calls.empty());
  CHECK(as_user(world, member, [](Client& client) { return client.latch_now().has_value(); }));
  CHECK(world.control.last_call() == "latch_now");

  const auto taken = world.away([address = world.bus.address()] {
    become(nobody);
    Caller thief{address};
    return sd_bus_request_name(thief.get(), "org.rbampd1", SD_BUS_NAME_REPLACE_EXISTING);
  });
  CHECK(taken == -EACCES);
}

TEST_CASE("a service that may not have the name says what is missing") {
  if (geteuid() != 0) {
    WARN("only root can keep a name from itself here");
    return;
  }
  BusWorld world{"<policy context='default'><deny own='*'/></policy>"};
  world.bus.start();
  world.service->start();
  world.until([&] { return world.sink.count(log::Level::warning) == 1; });
  CHECK(world.sink.contains("org.rbampd1.conf"));
}

}  // namespace
}  // namespace rbamp::dbus
