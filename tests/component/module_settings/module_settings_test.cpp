// Settings of metered modules changed while they meter, on the simulator in virtual time: nothing that was measured is lost on the way.
#include "daemon/module_settings.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/house.hpp"

using namespace rbamp;
using namespace rbamp::support;
using metering::CtModel;
using metering::CurrentThreshold;
using metering::PowerThreshold;
using metering::SettingOrder;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr I2cAddress first{0x50};
constexpr I2cAddress second{0x51};

simulator::ModuleSettings kilowatt_at(I2cAddress address) {
  simulator::ModuleSettings module;
  module.address = address;
  module.uptime = hours{1};
  simulator::LoadSettings load;
  load.power_w = 1000.0;
  module.channels.push_back({{load}});
  return module;
}

HouseSettings two_modules() {
  HouseSettings settings;
  settings.world.modules = {kilowatt_at(first), kilowatt_at(second)};
  return settings;
}

struct Told final : metering::Output {
  void describe(const metering::ModuleDescription& /*module*/) override {}
  void set_reachable(const std::string& /*module_id*/, bool /*reachable*/) override {}
  void live(const metering::Reading& /*reading*/) override {}
  void committed(const metering::CommittedModule& /*module*/) override {}
  void daemon_state(const metering::DaemonState& /*state*/) override {}
  void settings(const metering::ModuleSettings& now) override { known[now.module_id] = now; }
  std::map<std::string, metering::ModuleSettings> known;
};

/// A house with the part of the daemon that sets modules.
struct SettingWorld {
  House house{two_modules()};
  MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  mqtt::MemoryStateStore texts;
  Told told;
  std::unique_ptr<daemon::ModuleSettings> settings;
  std::optional<Result<void>> answer;
  std::size_t fed = 0;
  const std::string id = House::place(first);

  SettingWorld() {
    house.start();
    make();
    house.run_for(minutes{2});
    feed();
  }
  void make() {
    settings = std::make_unique<daemon::ModuleSettings>(
        daemon::ModuleSettings::Environment{house.fleet(), house.loop(), told, texts, logger});
  }
  /// What the daemon's group of outputs would have passed on.
  void feed() {
    for (const auto& [module_id, module] : house.output().descriptions) settings->describe(module);
    for (; fed < house.output().events.size(); ++fed) settings->event(house.output().events[fed]);
    house.run_for(seconds{1});
  }
  void ask(SettingOrder order) {
    answer.reset();
    settings->set(order, [this](Result<void> result) { answer = std::move(result); });
  }
  [[nodiscard]] bool set(SettingOrder order, Microseconds within = seconds{20}) {
    ask(std::move(order));
    house.run_for(within);
    REQUIRE(answer);
    return answer->has_value();
  }
  [[nodiscard]] std::string words() const { return answer && !*answer ? answer->error().detail : std::string{}; }
  [[nodiscard]] simulator::ModuleState module() { return house.world().state(0); }
  [[nodiscard]] SettingOrder ct(const std::string& model) const { return {id, CtModel{ChannelIndex{0}, model}}; }
  void power_cycle() {
    house.inject(simulator::FaultKind::power_cycle, first);
    house.run_for(minutes{2});
    feed();
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<metering::Closing> gaps(House& house, I2cAddress module) {
  auto closings = house.ledger().closings(House::place(module));
  std::erase_if(closings, [](const auto& closing) { return closing.quality != metering::Quality::gap; });
  return closings;
}

}  // namespace

TEST_CASE("what modules show is read when they are metered") {
  SettingWorld world;
  REQUIRE(world.told.known.size() == 2);
  const auto& settings = world.told.known.at(world.id);
  CHECK_FALSE(settings.current_threshold);
  CHECK_FALSE(settings.power_threshold);
  CHECK(settings.ct_models[0].starts_with("SCT-013-"));
}

TEST_CASE("a threshold is set at once, without latch, flash or reset") {
  SettingWorld world;
  const auto commits = world.house.ledger().commits;
  CHECK(world.set({world.id, CurrentThreshold{Amperes{16.5}}}, seconds{1}));
  CHECK(world.set({world.id, PowerThreshold{Watts{3600.0}}}, seconds{1}));
  CHECK(world.module().threshold_current == 1650);
  CHECK(world.module().threshold_power == 3600);
  CHECK(world.told.known.at(world.id).current_threshold == Amperes{16.5});
  CHECK(world.told.known.at(world.id).power_threshold == Watts{3600.0});
  CHECK(world.house.ledger().commits == commits);
  CHECK(world.module().flash.cycles == SettingWorld{}.module().flash.cycles);
  CHECK(world.set({world.id, CurrentThreshold{}}, seconds{1}));
  CHECK(world.module().threshold_current == 0xFFFF);
  CHECK_FALSE(world.told.known.at(world.id).current_threshold);
}

TEST_CASE("a threshold that was set comes back after the module restarted, and after the daemon did") {
  SettingWorld world;
  REQUIRE(world.set({world.id, CurrentThreshold{Amperes{16.0}}}));
  world.power_cycle();
  CHECK(world.module().threshold_current == 1600);
  CHECK(world.told.known.at(world.id).current_threshold == Amperes{16.0});
  world.make();  // another process, with the same ledger
  world.power_cycle();
  CHECK(world.module().threshold_current == 1600);
  REQUIRE(world.set({world.id, CurrentThreshold{}}));
  world.power_cycle();
  CHECK(world.module().threshold_current == 0xFFFF);
  CHECK(world.texts.load(daemon::ModuleSettings::remembered_key) == "");
}

TEST_CASE("a threshold that the borrower of the bus sets is the one that counts from then on") {
  SettingWorld world;
  REQUIRE(world.set({world.id, CurrentThreshold{Amperes{16.0}}}));
  auto* bus = world.house.fleet().find_bus("main");
  bus->lend(true);
  const daemon::ChipPlace chip{first, world.house.output().descriptions.at(world.id).uid};
  commissioning::Thresholds wish;
  wish.current = Amperes{20.0};
  REQUIRE(daemon::write_thresholds(bus->station(), chip, wish));
  bus->lend(false);
  world.settings->bus_is_back("main");
  world.house.run_for(seconds{1});
  CHECK(world.told.known.at(world.id).current_threshold == Amperes{20.0});
  world.power_cycle();
  CHECK(world.module().threshold_current == 2000);
}

TEST_CASE("a threshold that the borrower of the bus removed stays away, though the module could not be read after the loan") {
  SettingWorld world;
  REQUIRE(world.set({world.id, CurrentThreshold{Amperes{16.0}}}));
  auto* bus = world.house.fleet().find_bus("main");
  bus->lend(true);
  commissioning::Thresholds off;
  off.current.emplace();
  REQUIRE(daemon::write_thresholds(bus->station(), {first, world.house.output().descriptions.at(world.id).uid}, off));
  bus->lend(false);
  world.house.inject(simulator::FaultKind::nack_address, first, seconds{3});
  world.settings->bus_is_back("main");
  world.house.run_for(daemon::ModuleSettings::retry_pause / 2);
  REQUIRE(world.told.known.at(world.id).current_threshold == Amperes{16.0});  // as it was shown before
  world.house.run_for(daemon::ModuleSettings::retry_pause);
  CHECK(world.module().threshold_current == 0xFFFF);
  CHECK_FALSE(world.told.known.at(world.id).current_threshold);
  world.power_cycle();
  CHECK(world.module().threshold_current == 0xFFFF);
}

TEST_CASE("a threshold comes back after a reset, though the module could be read only after another order") {
  SettingWorld world;
  REQUIRE(world.set({world.id, CurrentThreshold{Amperes{16.0}}}));
  world.house.inject(simulator::FaultKind::power_cycle, first);
  world.house.run_for(minutes{2});
  world.house.inject(simulator::FaultKind::nack_address, first, seconds{3});
  world.feed();
  CHECK(world.module().threshold_current == 0xFFFF);
  world.house.run_for(seconds{5});
  REQUIRE(world.set({world.id, PowerThreshold{Watts{3600.0}}}, seconds{1}));
  CHECK(world.module().threshold_current == 1600);
  CHECK(world.module().threshold_power == 3600);
}

TEST_CASE("a current transformer is stored, proven by a reset, and what was measured until then is booked") {
  SettingWorld world;
  const std::string before = world.told.known.at(world.id).ct_models[0];
  const std::string after = before == "SCT-013-010" ? "SCT-013-020" : "SCT-013-010";
  const auto cycles = world.module().flash.cycles;
  REQUIRE(gaps(world.house, first).empty());
  world.house.run_for(seconds{20});
  REQUIRE(world.set(world.ct(after)));
  CHECK(world.module().flash.cycles == cycles + 1);
  CHECK(world.told.known.at(world.id).ct_models[0] == after);
  CHECK(world.sink.contains("the current transformer of its input 0 is " + after));
  world.house.run_for(minutes{3});
  const auto lost = gaps(world.house, first);
  REQUIRE(lost.size() == 1);  // from the latch to the reset: nothing that was measured before
  CHECK(lost.front().span.length < seconds{4});
  CHECK(gaps(world.house, second).empty());
  CHECK(world.house.output().state.problem.empty());
}

TEST_CASE("thresholds survive the reset that a current transformer needs") {
  SettingWorld world;
  REQUIRE(world.set({world.id, CurrentThreshold{Amperes{16.0}}}));
  REQUIRE(world.set(world.ct("SCT-013-020")));
  CHECK(world.module().threshold_current == 1600);
}

TEST_CASE("what is set so already costs no flash and no reset") {
  SettingWorld world;
  const auto before = world.module();
  const auto commits = world.house.ledger().commits;
  CHECK(world.set(world.ct(world.told.known.at(world.id).ct_models[0]), seconds{1}));
  CHECK(world.module().flash.cycles == before.flash.cycles);
  CHECK(world.house.ledger().commits == commits);
}

TEST_CASE("a module is not changed more often than its flash can bear, however often somebody asks") {
  SettingWorld world;
  const auto cycles = world.module().flash.cycles;
  for (std::size_t i = 0; i < daemon::ModuleSettings::most_ct_changes; ++i)
    REQUIRE(world.set(world.ct(i % 2 == 0 ? "SCT-013-010" : "SCT-013-020")));
  CHECK_FALSE(world.set(world.ct("SCT-013-050")));
  CHECK(contains(world.words(), "within a day"));
  CHECK(world.module().flash.cycles == cycles + daemon::ModuleSettings::most_ct_changes);
  world.house.run_for(hours{24});
  CHECK(world.set(world.ct("SCT-013-050")));
}

TEST_CASE("nothing is changed when what was measured cannot be booked") {
  SettingWorld world;
  const auto cycles = world.module().flash.cycles;
  world.house.ledger().hook = [](LedgerStep step) -> std::optional<Error> {
    if (step != LedgerStep::before_commit) return std::nullopt;
    return Error{Errc::ledger_full, Remedy::wait, "no space left"};
  };
  CHECK_FALSE(world.set(world.ct("SCT-013-010")));
  CHECK(contains(world.words(), "nothing was changed"));
  CHECK(world.module().flash.cycles == cycles);
  world.house.ledger().hook = nullptr;
  world.house.run_for(minutes{3});
  CHECK(gaps(world.house, first).empty());
  CHECK(world.set(world.ct("SCT-013-010")));
}

TEST_CASE("orders that cannot be carried out are answered with the reason") {
  SettingWorld world;
  SECTION("there is no such module") {
    CHECK_FALSE(world.set({"nowhere", CurrentThreshold{Amperes{1.0}}}));
    CHECK(contains(world.words(), "no such module is metered"));
  }
  SECTION("there is no such current transformer") {
    CHECK_FALSE(world.set(world.ct("SCT-013-999")));
    CHECK(contains(world.words(), "no such current transformer"));
  }
  SECTION("present firmware does not take it") {
    CHECK_FALSE(world.set(world.ct("SCT-013-100")));
    CHECK(world.told.known.at(world.id).ct_models[0] != "SCT-013-100");
  }
  SECTION("the bus is lent") {
    world.house.fleet().find_bus("main")->lend(true);
    CHECK_FALSE(world.set({world.id, CurrentThreshold{Amperes{1.0}}}));
    CHECK(contains(world.words(), "another program talks"));
  }
  SECTION("another order is under way") {
    bool is_done = false;
    world.settings->set(world.ct("SCT-013-010"), [&is_done](const Result<void>& result) { is_done = result.has_value(); });
    CHECK_FALSE(world.set({world.id, CurrentThreshold{Amperes{1.0}}}));
    CHECK(contains(world.words(), "another setting"));
    CHECK(is_done);
  }
  SECTION("the module goes away before its period is booked") {
    world.ask(world.ct("SCT-013-010"));
    world.house.inject(simulator::FaultKind::unplug, first);
    world.house.run_for(minutes{2});
    REQUIRE(world.answer);
    CHECK_FALSE(*world.answer);
  }
}

TEST_CASE("another chip at the same address is left alone") {
  SettingWorld world;
  auto& station = world.house.fleet().find_bus("main")->station();
  const daemon::ChipPlace other{first, ModuleUid{}};
  const auto shown = daemon::read_settings(station, other);
  REQUIRE_FALSE(shown);
  CHECK(shown.error().is(Errc::wrong_module));
  commissioning::Thresholds wish;
  wish.current = Amperes{1.0};
  CHECK_FALSE(daemon::write_thresholds(station, other, wish));
  CHECK_FALSE(daemon::store_ct_model(station, other, {ChannelIndex{0}, "SCT-013-010"}));
  CHECK(world.module().threshold_current == 0xFFFF);
}

TEST_CASE("two modules that are restarted in the same moment both restart, each after its period was booked") {
  SettingWorld world;
  world.house.run_for(seconds{20});
  REQUIRE(world.house.fleet().restart_module(House::place(first)));
  REQUIRE(world.house.fleet().restart_module(House::place(second)));
  world.house.run_for(minutes{3});
  for (const auto module : {first, second}) {
    const auto lost = gaps(world.house, module);
    REQUIRE(lost.size() == 1);
    CHECK(lost.front().span.length < seconds{2});
  }
}

TEST_CASE("a module without a voltage input restarts, too") {
  HouseSettings settings;
  auto module = kilowatt_at(first);
  module.variant = simulator::Variant::i1;
  settings.world.modules = {module};
  House house{settings};
  house.start();
  house.run_for(minutes{1});
  REQUIRE(house.fleet().restart_module(House::place(first)));
  house.run_for(seconds{5});
  CHECK(house.world().counters(0).commands.at(static_cast<std::size_t>(protocol::Command::reset)) == 1);
}
