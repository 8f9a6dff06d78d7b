// rbampctl beside a running rbampd: that it asks the right one, and believes what the ledger shows.
#include <nlohmann/json.hpp>

#include "daemon_beside.hpp"
#include "metering/book.hpp"
#include "metering/correction.hpp"
#include "workshop.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;

namespace {

const std::string boiler = "[[module]]\nid = \"boiler\"\naddress = 0x51\nrole = \"load\"\n";

/// A workshop whose modules an rbampd has: it lends their bus, and books what the test lets it book.
class LentWorkshop {
 public:
  explicit LentWorkshop(const std::string& modules = one_module, const std::string& more = {}) : bench(modules) {
    bench.equip(modules, boiler + more);
    bench.clock.advance(minutes{5});
    world = bench.take_modules();
    daemon.control.lent = world->bus("main");
    daemon.control.state.ledger.path = ledger_path();
  }

  [[nodiscard]] std::string ledger_path() const { return bench.folder.file("energy.db"); }
  Outcome run(const std::vector<std::string>& arguments) {
    return daemon.beside([&] { return bench.run(arguments); });
  }

  /// A line of the place that the module at 0x51 meters, from the end of the one before until now.
  void book() {
    commit([&](metering::Account& account, const metering::Instant& now) {
      metering::ClosedPeriod period;
      period.span.end = now;
      metering::Instant begin = now;
      begin.at -= minutes{1};
      begin.utc -= minutes{1};
      period.span.begin = account.covered_until.value_or(begin);
      period.span.length = now.at - period.span.begin.at;
      period.channels.push_back({ChannelIndex{0}, WattHours{10.0}, WattHours{0.0}, false});
      return metering::book(account, period);
    });
  }
  /// What a person corrects.
  void correct() {
    commit([](metering::Account& account, const metering::Instant& now) {
      metering::CorrectionRequest request;
      request.note = "clamp was off";
      request.channels.push_back(
          {"ch0", metering::RegisterChange{metering::RegisterChange::Kind::by, MicroWattHours{1}}, std::nullopt});
      return metering::correct(account, request, now).value();
    });
  }
  [[nodiscard]] std::uint32_t boots() const { return world->state(0).boots; }

  Workshop bench;
  std::unique_ptr<simulator::World> world;
  DaemonBeside daemon;

 private:
  template <class MakeClosing>
  void commit(MakeClosing make_closing) {
    storage::Settings settings;
    settings.path = ledger_path();
    const metering::Instant now{BootId::of_host(), bench.clock.boot_now(), bench.clock.utc_now(), true};
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), now).value();
    auto account = opened.ledger->open_account({"boiler", world->state(0).uid, {{ChannelIndex{0}, "ch0"}}, now.utc}).value();
    metering::ModuleCommit line;
    line.place = account.place;
    line.module = account.module;
    line.closings.push_back(make_closing(account, now));
    if (auto stored = opened.ledger->commit({{line}, metering::no_gc_tick}); !stored)
      throw std::runtime_error{stored.error().detail};
  }
};

/// Metered since a while, with a running period.
void meter_until_now(LentWorkshop& place) {
  place.book();
  place.bench.clock.advance(minutes{1});
  place.book();
  place.bench.clock.advance(minutes{1});
}

}  // namespace

TEST_CASE("through rbampd a module is reset when the ledger shows that its period is booked") {
  LentWorkshop place;
  meter_until_now(place);
  place.daemon.control.on_latch = [&] { place.book(); };
  const auto outcome = place.run({"reset", "boiler", "--yes"});
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.complains("rbampd closed and booked the running period"));
  CHECK(place.daemon.control.was_asked("latch_now"));
  CHECK(place.boots() == 2);
}

TEST_CASE("a module of which rbampd booked nothing is not reset, unless the loss is accepted") {
  LentWorkshop place;
  meter_until_now(place);
  // It was lost and is looked for, or missed the latch: the round was over all the same.
  const auto refused = place.run({"reset", "boiler", "--yes"});
  INFO(refused.err);
  CHECK(refused.status == 69);
  CHECK(refused.complains("booked nothing for \"boiler\""));
  CHECK(refused.complains("Nothing was reset; --lose-period"));
  CHECK(!refused.complains("rbampd closed and booked"));
  CHECK(place.boots() == 1);
  const auto accepted = place.run({"reset", "boiler", "--yes", "--lose-period"});
  INFO(accepted.err);
  CHECK(accepted.status == 0);
  CHECK(accepted.complains("is lost"));
  CHECK(place.boots() == 2);
}

TEST_CASE("a correction that is booked at the same time is no period") {
  LentWorkshop place;
  meter_until_now(place);
  place.daemon.control.on_latch = [&] { place.correct(); };
  CHECK(place.run({"reset", "boiler", "--yes"}).complains("booked nothing for \"boiler\""));
  CHECK(place.boots() == 1);
}

TEST_CASE("the first period of a new module is seen although no ledger knew it before") {
  LentWorkshop place;
  place.daemon.control.on_latch = [&] { place.book(); };
  const auto outcome = place.run({"reset", "boiler", "--yes"});
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.complains("rbampd closed and booked the running period"));
}

TEST_CASE("through rbampd, too, a module that no ledger claims and one without a voltage input have nothing to book") {
  SECTION("unclaimed") {
    LentWorkshop place;
    CHECK(place.run({"reset", "boiler", "--yes"}).status == 0);
    CHECK(place.boots() == 2);
  }
  SECTION("without a voltage input") {
    LentWorkshop place{"[[simulator.module]]\naddress = 0x51\nvariant = \"I1\"\n",
                       "voltage_from = \"mains\"\n[[module]]\nid = \"mains\"\naddress = 0x50\n"};
    meter_until_now(place);
    const auto outcome = place.run({"reset", "boiler", "--yes"});
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK(!place.daemon.control.was_asked("latch_now"));
    CHECK(place.boots() == 2);
  }
}

TEST_CASE("with a ledger that cannot be read nothing is written to a module, and no period is closed") {
  LentWorkshop place;
  const auto cycles = place.world->state(0).flash.cycles;
  place.bench.folder.write("energy.db", "this is no database, but it is long enough to be taken for one by its size");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"set", "label", "boiler", "attic", "--yes"}, {"reset", "boiler", "--yes"}}) {
    const auto outcome = place.run(command);
    INFO(outcome.err);
    CHECK(outcome.status == 65);
    CHECK(outcome.complains("Nothing was written to the module"));
  }
  CHECK(!place.daemon.control.was_asked("latch_now"));
  CHECK(place.world->state(0).flash.cycles == cycles);
  CHECK(place.boots() == 1);
}

TEST_CASE("a bus is borrowed only from the rbampd of the configuration, whatever its name") {
  LentWorkshop place;
  place.daemon.control.state.ledger.path = "/var/lib/rbampd-other/energy.db";
  const auto outcome = place.run({"set", "label", "boiler", "attic", "--yes"});
  INFO(outcome.err);
  CHECK(outcome.status == 69);
  CHECK(outcome.complains("has the ledger /var/lib/rbampd-other/energy.db, this command is about " + place.ledger_path()));
  CHECK(!place.daemon.control.was_asked("borrow"));
  CHECK(place.daemon.control.transfers == 0);
}

TEST_CASE("a bus of the right name that is another device is given back untouched") {
  LentWorkshop place;
  place.daemon.control.device = "/dev/i2c-7";
  const auto outcome = place.run({"set", "label", "boiler", "attic", "--yes"});
  INFO(outcome.err);
  CHECK(outcome.status == 69);
  CHECK(outcome.complains("its bus \"main\" is /dev/i2c-7, in the configuration it is simulator"));
  CHECK(place.daemon.control.transfers == 0);
  CHECK(place.daemon.control.last_call() == "return 1");
}

TEST_CASE("a correction goes to no other rbampd than the one that has the ledger") {
  Desk desk;
  desk.open();  // by a second rbampd, which has no name on the message bus
  desk.meter(minutes{5});
  DaemonBeside daemon;
  const std::vector<std::string> adjust{"adjust", "m0", "ch0", "--import", "1", "--reason", "test", "--yes"};
  daemon.control.state.ledger.path = "/var/lib/rbampd-other/energy.db";
  const auto other = daemon.beside([&] { return desk.run(adjust); });
  INFO(other.err);
  CHECK(other.status == 69);
  CHECK(other.complains("rbampd has the ledger " + desk.ledger_path()));
  CHECK(other.complains("that is another rbampd"));
  CHECK(!daemon.control.was_asked("adjust"));

  daemon.control.state.ledger.path = desk.ledger_path();
  CHECK(daemon.beside([&] { return desk.run(adjust); }).status == 0);
  CHECK(daemon.control.was_asked("adjust m0/ch0"));
}

TEST_CASE("what only the daemon is asked for goes to another rbampd unless --config names one") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  DaemonBeside daemon;
  daemon.control.state.ledger.path = "/var/lib/rbampd-other/energy.db";
  const std::vector<std::vector<std::string>> commands{{"status"},
                                                       {"latch"},
                                                       {"reload"},
                                                       {"homeassistant", "forget", "m0", "--yes"},
                                                       {"homeassistant", "adopt"},
                                                       {"homeassistant", "adopt", "m0", "oldmeter", "--yes"}};
  for (const auto& command : commands) {
    const auto refused = daemon.beside([&] { return desk.run(command); });
    INFO(command.back() << ": " << refused.err);
    CHECK(refused.status == 69);
    CHECK(refused.complains("that is another rbampd"));
  }
  CHECK(daemon.control.calls.empty());

  for (const auto& command : commands) {
    const auto anybody = daemon.beside([&] { return desk.run_with(command, {}, {}); });
    INFO(command.back() << ": " << anybody.err);
    CHECK(anybody.status == 0);
  }
  daemon.control.state.ledger.path = desk.ledger_path();
  for (const auto& command : commands) {
    const auto named = daemon.beside([&] { return desk.run(command); });
    INFO(command.back() << ": " << named.err);
    CHECK(named.status == 0);
  }
}

TEST_CASE("energy of today is that of the day in daemon.timezone") {
  Desk desk{1, 1};
  desk.open();
  // Half past midnight in Berlin, where the desk is: half an hour of energy, wherever this machine is.
  desk.meter(std::chrono::hours{23} + minutes{30}, minutes{10});
  DaemonBeside daemon;
  daemon.control.state.ledger.path = desk.ledger_path();
  dbus::ModuleStatus module;
  module.id = "m0";
  module.channels.push_back({"ch0", "ch0", MicroWattHours{}, MicroWattHours{}});
  daemon.control.state.modules.push_back(module);
  const auto outcome = daemon.beside([&] { return desk.run({"status", "--json"}); });
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const auto today = desk.run({"history", "day", "--from", "today", "--channel", "m0/ch0", "--json"}).json();
  const auto& bars = today["series"][0]["bars"];
  REQUIRE(bars.size() == 1);
  CHECK(outcome.json()["modules"][0]["channels"][0]["import_today_wh"] == bars[0]["import_wh"]);
}

TEST_CASE("status tells of lost edges and of rulers that disagree, and has both as numbers") {
  Desk desk{1, 1};
  desk.open();
  DaemonBeside daemon;
  daemon.control.state.ledger.path = desk.ledger_path();
  dbus::ModuleStatus module;
  module.id = "m0";
  module.channels = {{"less", "Less", {}, {}, 0.9649, 0.95},
                     {"more", "More", {}, {}, 1.0206},
                     {"same", "Same", {}, {}, 1.0199},
                     {"new", "New", {}, {}, {}}};
  daemon.control.state.modules.push_back(module);
  dbus::BusStatus with_line;
  with_line.name = "main";
  with_line.drdy = "edges";
  with_line.edges_lost = 7;
  dbus::BusStatus without_line;
  without_line.name = "second";
  without_line.drdy = "none";
  daemon.control.state.buses = {with_line, without_line};

  const auto shown = daemon.beside([&] { return desk.run({"status"}); });
  INFO(shown.out);
  CHECK(shown.says("DRDY: edges, 7 edges lost\n"));
  CHECK(shown.says("DRDY: none\n"));
  CHECK(shown.says("m0/less: the live power adds up to 3.5 % less than the module's own average"));
  CHECK(shown.says("m0/more: the live power adds up to 2.1 % more"));
  CHECK_FALSE(shown.says("m0/same: "));
  CHECK_FALSE(shown.says("m0/new: "));

  const auto numbers = daemon.beside([&] { return desk.run({"status", "--json"}); }).json();
  CHECK(numbers["buses"][0]["edges_lost"] == 7);
  CHECK(numbers["buses"][1]["edges_lost"].is_null());  // no line, nothing to lose
  CHECK(numbers["modules"][0]["channels"][0]["ruler_ratio"] == 0.9649);
  CHECK(numbers["modules"][0]["channels"][0]["period_ruler_ratio"] == 0.95);
  CHECK(numbers["modules"][0]["channels"][2]["ruler_ratio"] == 1.0199);
  CHECK(numbers["modules"][0]["channels"][3]["ruler_ratio"].is_null());

  daemon.control.state.buses[0].edges_lost = 0;
  const auto calm = daemon.beside([&] { return desk.run({"status"}); });
  CHECK(calm.says("DRDY: edges\n"));
  CHECK(daemon.beside([&] { return desk.run({"status", "--json"}); }).json()["buses"][0]["edges_lost"] == 0);
}

TEST_CASE("reload takes the number of a process, and says when that one may not be told") {
  Workshop bench{one_module};
  for (const std::string number : {"-5", "0", "-0x1"}) {
    const auto refused = bench.run_as_is({"reload", "--pid", number});
    INFO(refused.err);
    CHECK(refused.status == 64);
    CHECK(refused.complains("is not above 0"));
  }
  const auto gone = bench.run_as_is({"reload", "--pid", "2147483647"});
  CHECK(gone.status == 69);
  CHECK(gone.complains("there is no process 2147483647"));
  // Only root has a process that others may not signal.
  if (::geteuid() != 0) return;
  REQUIRE(::chmod(bench.folder.path().c_str(), 0755) == 0);
  const auto forbidden = as_nobody(bench, {"reload", "--pid", std::to_string(::getpid())});
  INFO(forbidden.err);
  CHECK(forbidden.status == 77);
  CHECK(forbidden.complains("you may not signal process"));
}
