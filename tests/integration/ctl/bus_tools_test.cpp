// Watching, examining and recording modules at the bench.
#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "bus/recording.hpp"
#include "bus/replay_bus.hpp"
#include "commissioning/live_feed.hpp"
#include "workshop.hpp"

using namespace rbamp;
using namespace rbamp::support;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::uint64_t writes_of(Workshop& bench) {
  const auto world = bench.take_modules();
  std::uint64_t writes = 0;
  for (std::size_t i = 0; i < world->modules(); ++i)
    writes += world->counters(i).latches_requested + world->state(i).flash.cycles;
  return writes;
}

/// The writes that a recorded command sent, any of them.
std::size_t writes_in(const std::string& recording_file) {
  const auto recording = bus::parse_recording(content_of(recording_file));
  REQUIRE(recording.has_value());
  REQUIRE(!recording->transactions.empty());
  return static_cast<std::size_t>(std::count_if(recording->transactions.begin(), recording->transactions.end(),
                                                [](const auto& one) { return one.kind == bus::Transaction::Kind::write; }));
}

/// A configured house: two modules, of which the second is a load.
const std::string configured_pair =
    "[[simulator.module]]\naddress = 0x50\n[[simulator.module.load]]\npower_w = -1200\n"
    "[[simulator.module]]\naddress = 0x51\n[[simulator.module.load]]\npower_w = -900\n";
const std::string configuration_of_pair =
    "[[module]]\nid = \"mains\"\naddress = 0x50\nrole = \"grid\"\n[[module]]\nid = \"heater\"\naddress = 0x51\nrole = \"load\"\n";

}  // namespace

TEST_CASE("watch writes a line for each channel and round when it is no terminal, and ends after --count") {
  Workshop bench{one_module};
  const auto outcome = bench.run({"watch", "0x51", "-n", "3", "--interval", "200ms"});
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 3);
  for (const auto& line : lines) CHECK(line.find(" 0 230.0 V 50.00 Hz 4.348 A 1000.0 W") != std::string::npos);
}

TEST_CASE("watch --json is one object for each round") {
  Workshop bench{one_module};
  const auto outcome = bench.run({"watch", "--json", "--count", "2"});
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 2);
  for (const auto& line : lines)
    CHECK(nlohmann::json::parse(line)["modules"][0]["channels"][0]["power_w"].get<double>() == Approx(1000.0).epsilon(0.001));
}

TEST_CASE("watch takes no interval below a window") {
  Workshop bench{one_module};
  CHECK(bench.run({"watch", "--interval", "100ms"}).status == 64);
  CHECK(bench.run({"watch", "--interval", "soon"}).complains("200ms to 1h"));
}

TEST_CASE("a module that nobody meters can be latched for a trial, and shows what would be booked") {
  Workshop bench{one_module};
  const auto outcome = bench.run({"period", "0x51", "--for", "36s", "--yes", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const auto trial = outcome.json();
  CHECK(trial["is_booked"] == false);
  CHECK(trial["dt_s"].get<double>() == Approx(36.0).margin(0.5));
  CHECK(trial["channels"][0]["mean_power_w"].get<double>() == Approx(1000.0).epsilon(0.001));
  CHECK(trial["channels"][0]["import_wh"].get<double>() == Approx(10.0).epsilon(0.02));
}

TEST_CASE("a doctor that is not told to write writes nothing, and turns the worst up first") {
  Workshop bench{configured_pair};
  bench.equip(configured_pair, configuration_of_pair);
  const auto before = writes_of(bench);
  const auto outcome = bench.run({"doctor", "--reads", "20"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 1);  // a load that exports
  const auto lines = lines_of(outcome.out);
  REQUIRE(!lines.empty());
  CHECK(lines.front().starts_with("problem  0x51 heater: channel 0: 900 W export, where the configuration has a load"));
  CHECK(outcome.says("-> Loads do not export: turn the clamp, or set invert = true in the configuration"));
  CHECK(outcome.says("hint     0x50 mains: channel 0: 1200 W export"));
  CHECK(outcome.says("1 problem, 0 warnings."));
  CHECK(writes_of(bench) == before);
}

TEST_CASE("of all that looks at modules only a doctor that is told to write sends a single write") {
  Workshop bench{configured_pair};
  const auto file = bench.folder.file("said.rec");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"scan"}, {"info"}, {"read"}, {"watch", "-n", "2"}, {"doctor", "--reads", "20"}}) {
    INFO(command.front());
    auto recorded = command;
    recorded.insert(recorded.end(), {"--record", file});
    bench.run(recorded);
    CHECK(writes_in(file) == 0);
  }
  bench.run({"doctor", "--reads", "20", "--write", "--yes", "--record", file});
  CHECK(writes_in(file) > 0);
}

TEST_CASE("a module with old firmware is read when it is declared, and left alone otherwise") {
  Workshop bench{
      "[[simulator.module]]\naddress = 0x54\nvariant = \"UI1\"\nfirmware = \"1.2\"\n"
      "[[simulator.module.load]]\npower_w = 1150\n"};
  const auto file = bench.folder.file("said.rec");
  CHECK(bench.run({"read", "0x54"}).complains("rbampctl read ADDRESS --legacy VARIANT"));
  CHECK(bench.run({"set", "label", "0x54", "old", "--yes", "--record", file}).status == 69);
  CHECK(writes_in(file) == 0);

  const auto read = bench.run({"read", "0x54", "--legacy", "UI1", "--json", "--record", file});
  INFO(read.err);
  REQUIRE(read.status == 0);
  const auto module = read.json()["modules"][0];
  CHECK(module["id"] == "0x54");
  CHECK(module["uid"].is_null());
  CHECK(module["channels"][0]["power_w"].get<double>() == Approx(1150.0).epsilon(0.001));
  CHECK(writes_in(file) == 0);
  CHECK(bench.run({"watch", "0x54", "--legacy", "UI1", "-n", "1"}).says("1150.0 W"));

  CHECK(bench.run({"read", "--legacy", "UI1"}).status == 64);
  CHECK(bench.run({"read", "0x54", "--legacy", "UI4"}).complains("\"UI4\" is no variant"));
}

TEST_CASE("a doctor finds the module that the configuration has and the bus has not") {
  Workshop bench{one_module};
  bench.equip(one_module, "[[module]]\nid = \"gone\"\naddress = 0x60\n");
  const auto outcome = bench.run({"doctor", "--reads", "5", "--json"});
  CHECK(outcome.status == 1);
  bool is_named = false;
  const auto report = outcome.json();
  for (const auto& finding : report["findings"])
    is_named = is_named || (finding["address"] == "0x60" && finding["severity"] == "problem" && finding["check"] == "scan");
  CHECK(is_named);
  CHECK(report["ok"] == false);
}

TEST_CASE("a known load needs the one module that it runs through") {
  Workshop bench{one_module};
  CHECK(bench.run({"doctor", "--load", "2000"}).status == 64);
  const auto outcome = bench.run({"doctor", "0x51", "--load", "1000", "--reads", "5"});
  INFO(outcome.out);
  CHECK(outcome.status == 0);
  CHECK(outcome.says("shows 100 % of the load"));
}

TEST_CASE("a wave form comes as numbers, as JSON and drawn, after a yes") {
  Workshop bench{one_module};
  CHECK(bench.run({"capture", "0x51"}).status == 64);  // nobody can be asked
  const auto csv = lines_of(bench.run({"capture", "0x51", "--csv", "--yes"}).out);
  REQUIRE(csv.size() == 257);
  CHECK(csv[0] == "ms,code");
  CHECK(csv[1].starts_with("0.0,"));
  const auto wave = bench.run({"capture", "0x51", "--json", "--yes"}).json();
  CHECK(wave["codes"].size() == 256);
  CHECK(wave["clipped"] == 0);
  CHECK(bench.run({"capture", "0x51", "--yes"}).says("nothing clipped."));
}

TEST_CASE("a recording holds the whole conversation, and nothing was written to the modules") {
  Workshop bench{one_module};
  const auto file = bench.folder.file("bus.rec");
  const auto outcome = bench.run({"record", file, "0x51", "--for", "2s", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.json()["failed"] == 0);
  CHECK(outcome.json()["reads"] == 10);
  const auto recording = bus::parse_recording(content_of(file));
  REQUIRE(recording.has_value());
  CHECK(recording->transactions.size() == outcome.json()["transactions"].get<std::size_t>());
  for (const auto& transaction : recording->transactions) CHECK(transaction.kind == bus::Transaction::Kind::read);
}

TEST_CASE("what rbampctl recorded is replayed without the module: the same questions have the same answers") {
  Workshop bench{one_module};
  const auto file = bench.folder.file("bus.rec");
  const auto read = bench.run({"read", "0x51", "--json", "--record", file});
  REQUIRE(read.status == 0);
  auto recording = bus::parse_recording(content_of(file));
  REQUIRE(recording.has_value());

  ManualClock clock;
  auto replay = std::make_unique<bus::ReplayBus>(std::move(*recording), clock);
  const auto& replayed = *replay;
  auto once = [kept = std::make_shared<std::unique_ptr<bus::I2cBus>>(
                   std::move(replay))]() -> Result<std::unique_ptr<bus::I2cBus>> { return std::move(*kept); };
  fleet::BusStation station{"desk", std::move(once), clock};
  REQUIRE(station.open());
  auto feed = commissioning::LiveFeed::open(station, I2cAddress{0x51});
  REQUIRE(feed);
  CHECK(to_string(feed->module().identity().uid) == read.json()["modules"][0]["uid"]);
  const auto values = feed->read();
  REQUIRE(values);
  CHECK(values->block.channels[0].active_power->value() == read.json()["modules"][0]["channels"][0]["power_w"].get<double>());
  CHECK(replayed.is_complete());
}
