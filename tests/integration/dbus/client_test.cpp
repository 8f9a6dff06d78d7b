// rbampctl's side of the conversation.
#include <array>

#include "bus_world.hpp"
#include "dbus/client.hpp"
#include "dbus/remote_bus.hpp"
#include "support/catch.hpp"

namespace rbamp::dbus {
namespace {

/// Runs `ask` with a client while the service's loop goes on. Catch2 stays on the test's thread: the results come back as values.
template <class Ask>
auto with_client(BusWorld& world, Ask ask) {
  return world.away([address = world.bus.address(), ask = std::move(ask)] {
    auto client = Client::connect(address);
    if (!client) throw std::runtime_error{client.error().detail};
    return ask(*client);
  });
}

TEST_CASE("a client gets what the daemon answers") {
  auto world = BusWorld::running();
  world->control.state.health = Health::degraded;
  world->control.state.modules.resize(2);
  CHECK(with_client(*world, [](Client& client) { return client.version(); }) == "1.2.3");
  const auto status = with_client(*world, [](Client& client) { return client.status(); });
  REQUIRE(status);
  CHECK(status->health == Health::degraded);
  CHECK(status->modules.size() == 2);
  CHECK(status->started == some_time);
  CHECK(with_client(*world, [](Client& client) { return client.latch_now(); }));
  CHECK(with_client(*world, [](Client& client) { return client.reload(); }) == "applied: names");
  CHECK(with_client(*world, [](Client& client) { return client.restart_module("mains"); }));
  CHECK(world->control.last_call() == "restart mains");
}

TEST_CASE("a client tidies up in Home Assistant") {
  auto world = BusWorld::running();
  CHECK(with_client(*world, [](Client& client) { return client.forget_module("old"); }));
  CHECK(world->control.last_call() == "forget old");
  const auto meters = with_client(*world, [](Client& client) { return client.find_foreign_meters(); });
  REQUIRE(meters);
  REQUIRE(meters->size() == 1);
  CHECK(meters->front().node == "oldmeter");
  CHECK(meters->front().name == "Old meter");
  CHECK(meters->front().entities == 12);
  const AdoptRequest request{"mains", "oldmeter", {{"house_power", "p"}, {"house_current", ""}}, false};
  const auto adopted = with_client(*world, [&](Client& client) { return client.adopt(request); });
  REQUIRE(adopted);
  CHECK(world->control.last_call() == "adopt mains oldmeter house_current= house_power=p");
  REQUIRE(adopted->taken.size() == 1);
  CHECK(adopted->taken.front().unique_id == "old_p");
  CHECK(adopted->left == std::vector<std::string>{"wifi"});
}

TEST_CASE("a client's corrections are booked as they were asked for") {
  auto world = BusWorld::running();
  const AdjustRequest adjustment{"flats", "ground", MicroWattHours{-1250}, MicroWattHours{3}, "wrong cable"};
  const auto booked = with_client(*world, [&](Client& client) { return client.adjust(adjustment); });
  REQUIRE(booked);
  CHECK(world->control.last_call() == "adjust flats/ground -1250 3 wrong cable");
  CHECK(booked->at == some_time);
  REQUIRE(booked->channels.size() == 1);
  CHECK(booked->channels[0].channel == "ground");
  CHECK(booked->channels[0].added_import == MicroWattHours{-1250});
  CHECK(booked->channels[0].added_export == MicroWattHours{3});
  CHECK(booked->channels[0].total_import == MicroWattHours{998750});
  CHECK(booked->channels[0].total_export == MicroWattHours{2000003});

  MeterChangeRequest change;
  change.place = "mains";
  change.channel = "house";
  change.energy_export = MicroWattHours{9};
  change.new_chip = ModuleUid::parse("3a0041000f51353032363437");
  change.reason = "lightning";
  CHECK(with_client(*world, [&](Client& client) { return client.meter_change(change); }));
  CHECK(world->control.last_call() == "change mains/house - 9 3a0041000f51353032363437 lightning");
}

TEST_CASE("errors of the daemon come back as its own, with what to do next") {
  auto world = BusWorld::running();
  world->control.error = Error{Errc::ledger_full, Remedy::wait, "no space left; make room on /var"};
  const auto latched = with_client(*world, [](Client& client) { return client.latch_now(); });
  REQUIRE_FALSE(latched);
  CHECK(latched.error().is(Errc::ledger_full));
  CHECK(latched.error().remedy == Remedy::wait);
  CHECK(latched.error().detail == "no space left; make room on /var");
  const auto refused = with_client(*world, [](Client& client) { return client.restart_module("No such"); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::request_invalid));
}

TEST_CASE("without a bus, and on one without a daemon, a client says which it is") {
  const auto no_bus = Client::connect("unix:path=/nonexistent/bus");
  REQUIRE_FALSE(no_bus);
  CHECK(no_bus.error().is(Errc::dbus_missing));
  CHECK(has(no_bus.error().detail, "no message bus"));
  PrivateBus bus;
  bus.start();
  const auto no_daemon = Client::connect(bus.address());
  REQUIRE_FALSE(no_daemon);
  CHECK(no_daemon.error().is(Errc::daemon_missing));
  CHECK(has(no_daemon.error().detail, "rbampd is not running"));
}

TEST_CASE("a daemon that goes away during a call leaves open whether it was done") {
  auto world = BusWorld::running();
  world->control.answers_later = true;
  auto result = std::async(std::launch::async, [address = world->bus.address()] {
    auto client = Client::connect(address);
    return client ? client->latch_now() : Result<void>{failure(client.error())};
  });
  world->until([&] { return world->control.waiting.size() == 1; });
  world->service.reset();
  const auto latched = result.get();
  REQUIRE_FALSE(latched);
  CHECK(latched.error().is(Errc::daemon_missing));
  CHECK(latched.error().remedy == Remedy::verify);
}

TEST_CASE("a remote bus reads and writes through the daemon, and gives the bus back") {
  auto world = BusWorld::running();
  struct Seen {
    std::string name;
    bus::Capabilities capabilities;
    std::array<std::uint8_t, 2> bytes{};
    bool all_went_well = false;
  };
  const auto seen = with_client(*world, [](Client& client) {
    auto remote = RemoteBus::borrow(client, "main");
    if (!remote) throw std::runtime_error{remote.error().detail};
    Seen result{(*remote)->describe(), (*remote)->capabilities()};
    const std::array<std::uint8_t, 2> message{0x30, 0x07};
    result.all_went_well = (*remote)->read(I2cAddress{0x50}, 0x5C, result.bytes) && (*remote)->write(I2cAddress{0x50}, message);
    return result;
  });
  CHECK(seen.all_went_well);
  CHECK(seen.name == "/dev/i2c-1 (lent by rbampd)");
  CHECK(seen.capabilities.plain_i2c);
  CHECK(seen.capabilities.max_read == 255);
  CHECK_FALSE(seen.capabilities.general_call);
  CHECK(seen.bytes == std::array<std::uint8_t, 2>{0x12, 0x34});
  REQUIRE(world->control.calls.size() == 4);
  CHECK(world->control.calls[1] == "transfer 1 0x50 92 r2");
  CHECK(world->control.calls[2] == "transfer 1 0x50 48 7 r0");
  CHECK(world->control.calls[3] == "return 1");
}

TEST_CASE("a remote bus passes on what the bus says, and says when it was taken back") {
  auto world = BusWorld::running();
  struct Outcome {
    Error too_long;
    Error nack;
    Error ended;
  };
  world->control.errors = {std::nullopt, Error{Errc::bus_nack, Remedy::retry, "nobody answers at 0x50"},
                           Error{Errc::cancelled, Remedy::give_up, "rbampd needs the bus for itself"}};
  const auto outcome = with_client(*world, [](Client& client) {
    auto remote = RemoteBus::borrow(client, "main");
    if (!remote) throw std::runtime_error{remote.error().detail};
    std::array<std::uint8_t, 256> big{};
    std::array<std::uint8_t, 1> one{};
    Outcome result;
    result.too_long = (*remote)->read(I2cAddress{0x50}, 0, big).error();
    result.nack = (*remote)->read(I2cAddress{0x50}, 0, one).error();
    result.ended = (*remote)->write(I2cAddress{0x50}, one).error();
    return result;
  });
  CHECK(outcome.too_long.is(Errc::bus_unsupported));
  CHECK(outcome.nack.is(Errc::bus_nack));
  CHECK(outcome.nack.remedy == Remedy::retry);
  CHECK(outcome.ended.is(Errc::bus_missing));
  CHECK(outcome.ended.remedy == Remedy::reinitialise);
}

TEST_CASE("a bus that the daemon does not lend is not borrowed") {
  auto world = BusWorld::running();
  world->control.error = Error{Errc::bus_busy, Remedy::wait, "somebody else has it"};
  const auto error = with_client(*world, [](Client& client) { return RemoteBus::borrow(client, "main").error(); });
  CHECK(error.is(Errc::bus_busy));
  CHECK(error.detail == "somebody else has it");
}

}  // namespace
}  // namespace rbamp::dbus
