// Setting modules up with rbampctl alone, from the factory to a fleet.
#include <nlohmann/json.hpp>

#include "workshop.hpp"

using namespace rbamp;
using namespace rbamp::support;

TEST_CASE("three virgin modules become a fleet, one after the other") {
  Workshop bench{virgin_fleet(1)};
  const auto blank = bench.run({"scan"});
  CHECK(blank.status == 0);
  CHECK(blank.says("not set up: rbampctl provision 0x50"));
  const auto first =
      bench.run({"provision", "--ct", "30A", "--label", "mains", "--address", "0x51", "--broadcast", "--yes", "--json"});
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK(first.json()["address"] == "0x51");
  CHECK(first.json()["changes"].size() == 5);
  CHECK(first.complains("[[module]]\nid = \"mains\"\nbus = \"main\"\naddress = 0x51"));

  bench.equip(virgin_fleet(2));
  REQUIRE(
      bench.run({"provision", "--ct", "50A", "--ct", "SCT-013-010", "--label", "solar", "--address", "0x52", "--yes"}).status ==
      0);
  bench.equip(virgin_fleet(3));
  const auto third = bench.run({"provision", "--yes", "--ct", "5A", "--label", "flats", "--address", "0x53", "--group", "4"});
  INFO(third.err);
  REQUIRE(third.status == 0);

  const auto fleet = bench.run({"scan", "--json"}).json();
  REQUIRE(fleet["answers"].size() == 3);
  CHECK(fleet["answers"][0]["label"] == "mains");
  CHECK(fleet["answers"][1]["label"] == "solar");
  CHECK(fleet["answers"][2]["label"] == "flats");
  for (const auto& answer : fleet["answers"]) {
    CHECK(answer["is_new"] == false);
    CHECK(answer["error"] == 0);
  }
  const auto values = bench.run({"read", "--json"}).json();
  CHECK(values["modules"][0]["channels"][0]["power_w"].get<double>() == Approx(1150.0).epsilon(0.001));
  CHECK(values["modules"][1]["channels"][1]["power_w"].get<double>() == Approx(-460.0).epsilon(0.001));
  CHECK(values["modules"][2]["channels"][0]["current_a"].get<double>() == Approx(1.0).epsilon(0.001));
  CHECK(values["modules"][2]["channels"][0]["power_w"].is_null());
  const auto world = bench.take_modules();
  for (std::size_t i = 0; i < 3; ++i) CHECK(world->state(i).flash.cycles == 2);
}

TEST_CASE("the id that is proposed for the configuration is one that rbampd takes") {
  const auto proposed = [](const std::string& label, const std::string& more = {}) {
    Workshop bench{virgin_fleet(1)};
    bench.equip(virgin_fleet(1), more);
    const auto outcome = bench.run({"provision", "--ct", "30A", "--label", label, "--yes"});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    const auto at = outcome.err.find("[[module]]\nid = ");
    REQUIRE(at != std::string::npos);
    bench.equip(virgin_fleet(1), more + outcome.err.substr(at));
    CHECK(bench.run({"scan"}).status == 0);
    return lines_of(outcome.err.substr(at)).at(1);
  };
  CHECK(proposed("mains_1") == "id = \"mains_1\"");
  CHECK(proposed("MyMeter1") == "id = \"mymeter1\"");
  CHECK(proposed("Heat P") == "id = \"heat_p\"");
  CHECK(proposed("a\"b") == "id = \"a_b\"");
  const std::string by_uid = "id = \"m";
  CHECK(proposed("energy").size() == by_uid.size() + 9);
  CHECK(proposed("??").size() == by_uid.size() + 9);
  CHECK(proposed("Mains", "[[module]]\nid = \"mains\"\naddress = 0x60\n").size() == by_uid.size() + 9);
}

TEST_CASE("a user who may not look at the ledger is told so before a module is written to") {
  Workshop bench{virgin_fleet(1)};
  bench.folder.write("kept/energy.db", {});
  std::string text;
  {
    std::ifstream file{bench.folder.file("rbampd.toml")};
    text.assign(std::istreambuf_iterator<char>{file}, {});
  }
  const auto at = text.find(bench.folder.file("energy.db"));
  REQUIRE(at != std::string::npos);
  bench.folder.write("rbampd.toml", text.replace(at, bench.folder.file("energy.db").size(), bench.folder.file("kept/energy.db")));
  bench.clock.advance(std::chrono::minutes{1});
  REQUIRE(::chmod(bench.folder.path().c_str(), 0777) == 0);
  REQUIRE(::chmod(bench.folder.file("kept").c_str(), 0) == 0);
  const auto outcome =
      as_nobody(bench, {"provision", "--ct", "30A", "--label", "attic", "--yes", "--config", bench.folder.file("rbampd.toml")});
  REQUIRE(::chmod(bench.folder.file("kept").c_str(), 0755) == 0);
  INFO(outcome.err);
  CHECK(outcome.status == 77);
  CHECK(outcome.complains("you may not look into the folder of the ledger"));
  CHECK(outcome.complains("Nothing was written to the module"));
  const auto world = bench.take_modules();
  CHECK(world->state(0).flash.cycles == 0);
  CHECK(world->state(0).config.sensor_class == 0);
}

TEST_CASE("what is not said is asked, with the next free address as a proposal") {
  Workshop bench{virgin_fleet(1)};
  const auto done = bench.run({"provision"}, "cucumber\n30A\nboiler\n\ny\ny\n");
  INFO(done.err);
  REQUIRE(done.status == 0);
  CHECK(done.complains("\"cucumber\" is no current transformer"));
  CHECK(done.complains("Address [0x51]:"));
  CHECK(done.complains("CT of channel 0: unset -> SCT-013-030"));
  CHECK(done.says("module 0x51 on bus \"main\" is set up and measures."));
  const auto info = bench.run({"info", "0x51", "--json"}).json()[0];
  CHECK(info["label"] == "boiler");
  CHECK(info["broadcast"] == true);
  CHECK(info["ct_models"] == nlohmann::json::array({3}));
}

TEST_CASE("no is no, and an end of the input too") {
  Workshop bench{virgin_fleet(1)};
  const auto no = bench.run({"provision"}, "30A\n\n\nn\nn\n");
  CHECK(no.status == 1);
  CHECK(no.complains("nothing was written"));
  CHECK(bench.run({"provision"}, "30A\n").status == 64);
  CHECK(bench.run({"provision", "--ct", "30A", "--label", "x"}).status == 64);  // nobody can be asked
  const auto world = bench.take_modules();
  CHECK(world->state(0).flash.cycles == 0);
  CHECK(world->state(0).config.sensor_class == 0);
}

TEST_CASE("bad wishes of provision are refused with what is possible, and nothing is written") {
  Workshop bench{virgin_fleet(2) + one_module};
  const auto expect = [&](std::vector<std::string> arguments, const std::string& words, int status = 64) {
    arguments.insert(arguments.begin(), "provision");
    arguments.emplace_back("--yes");
    const auto outcome = bench.run(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == status);
    CHECK(outcome.complains(words));
  };
  expect({"0x51", "--ct", "30A"}, "is set up already");
  expect({"0x44", "--ct", "30A"}, "nobody answers at address 0x44", 69);
  // Two new modules at once: their answers mix.
  expect({"--ct", "30A", "--address", "0x55"}, "two modules share this address", 69);
}

TEST_CASE("an occupied target, a refused CT, a bad label: words, and nothing written") {
  Workshop bench{virgin_fleet(1) + one_module};
  const auto expect = [&](std::vector<std::string> arguments, const std::string& words) {
    arguments.insert(arguments.begin(), "provision");
    arguments.emplace_back("--yes");
    const auto outcome = bench.run(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == 64);
    CHECK(outcome.complains(words));
  };
  expect({"--ct", "30A", "--address", "0x51"}, "is taken by rbAmp UI1");
  expect({"--ct", "30A", "--address", "0x99"}, "no address for a module");
  expect({"--ct", "31A"}, "is no current transformer that a module knows: SCT-013-005");
  expect({"--ct", "100A"}, "SCT-013-100 is not characterised");
  expect({"--ct", "30A", "--ct", "30A"}, "has 1 channel(s)");
  expect({"--ct", "30A", "--label", "much too long"}, "a module stores at most 8");
  expect({"--ct", "30A", "--label", "Küche"}, "not plain ASCII");
  expect({"--ct", "30A", "--group", "300"}, "no broadcast group");
  expect({}, "say which current transformer is on channel 0");
  const auto world = bench.take_modules();
  CHECK(world->state(0).config.sensor_class == 0);
  CHECK(world->state(0).flash.cycles == 0);
}

TEST_CASE("single settings are changed, proven, and need no word when they are so already") {
  Workshop bench{one_module};
  const auto label = bench.run({"set", "label", "0x51", "attic", "--json"}, "y\n");
  INFO(label.err);
  REQUIRE(label.status == 0);
  CHECK(label.json()["changes"][0]["before"] == "\"boiler\"");
  CHECK(label.json()["label"] == "attic");
  CHECK(label.complains("reset, and read again: all as stored"));
  const auto again = bench.run({"set", "label", "0x51", "attic"});
  CHECK(again.status == 0);
  CHECK(again.says("is set so already"));
  REQUIRE(bench.run({"set", "ct", "0x51", "20A", "--yes"}).status == 0);
  REQUIRE(bench.run({"set", "group", "0x51", "7", "--yes"}).status == 0);
  REQUIRE(bench.run({"set", "broadcast", "0x51", "on", "--yes"}).status == 0);
  REQUIRE(bench.run({"set", "threshold", "0x51", "16A", "--yes"}).status == 0);
  REQUIRE(bench.run({"set", "threshold", "0x51", "3600W", "--yes"}).status == 0);
  const auto info = bench.run({"info", "0x51", "--json"}).json()[0];
  CHECK(info["ct_models"][0] == 6);
  CHECK(info["group"] == 7);
  CHECK(info["broadcast"] == true);
  CHECK(info["threshold_current_a"] == 16.0);
  CHECK(info["threshold_power_w"] == 3600.0);
  REQUIRE(bench.run({"reset", "0x51", "--yes"}).status == 0);
  const auto after = bench.run({"info", "0x51", "--json"}).json()[0];
  CHECK(after["threshold_current_a"] == 16.0);  // a reset clears it, rbampctl puts it back
  REQUIRE(bench.run({"set", "threshold", "0x51", "off-W", "--yes"}).status == 0);
  REQUIRE(bench.run({"set", "class", "0x51", "unset", "--yes"}).status == 0);
  const auto moved = bench.run({"set", "address", "0x51", "0x60", "--yes"});
  INFO(moved.err);
  CHECK(moved.status == 0);
  CHECK(bench.run({"scan", "--json"}).json()["answers"][0]["address"] == "0x60");
}

TEST_CASE("settings that make no sense are refused with what does") {
  Workshop bench{one_module + "[[simulator.module]]\naddress = 0x52\nvariant = \"I2\"\n"};
  const auto expect = [&](std::vector<std::string> arguments, const std::string& words, int status = 64) {
    arguments.insert(arguments.begin(), "set");
    arguments.emplace_back("--yes");
    const auto outcome = bench.run(arguments);
    INFO(outcome.err);
    CHECK(outcome.status == status);
    CHECK(outcome.complains(words));
  };
  expect({"lable", "0x51", "x"}, "there is label, ct, class, address, group, broadcast, threshold");
  expect({"label", "0x51", "much too long"}, "at most 8");
  expect({"ct", "0x52", "30A"}, "say which with --channel 0 to 1, or all");
  expect({"ct", "0x52", "30A", "--channel", "2"}, "has no channel 2");
  expect({"ct", "0x51", "60A"}, "SCT-013-060 is not characterised");
  expect({"class", "0x51", "rogowski"}, "no sensor class");
  expect({"group", "0x51", "256"}, "no broadcast group");
  expect({"group", "0x51", "1", "--channel", "0"}, "belongs to set ct only");
  expect({"broadcast", "0x51", "perhaps"}, "neither on nor off");
  expect({"threshold", "0x51", "16"}, "write 16A");
  expect({"threshold", "0x51", "700A"}, "between 0 and 655.34 A");
  expect({"threshold", "0x52", "3600W"}, "measures no power");
  expect({"address", "0x51", "0x52"}, "is taken by rbAmp I2");
  expect({"address", "0x51", "5"}, "no address for a module");
  expect({"label", "0x53", "x"}, "nobody answers", 69);
  const auto refused = bench.run({"set", "ct", "0x51", "60A", "--uncharacterised", "--yes"});
  CHECK(refused.status == 69);
  CHECK(refused.complains("REG_ERROR 0xFE"));
  CHECK(refused.complains("nothing is stored"));
}

TEST_CASE("an error is cleared when there is one, and lost settings are not hidden") {
  Workshop bench{virgin_fleet(1) + one_module};
  const auto nothing = bench.run({"clear-error", "0x51", "--yes", "--json"});
  CHECK(nothing.status == 0);
  CHECK(nothing.json()["before"] == 0);
  const auto blank = bench.run({"clear-error", "0x50", "--yes"});
  CHECK(blank.status == 64);
  CHECK(blank.complains("rbampctl provision 0x50"));
}
