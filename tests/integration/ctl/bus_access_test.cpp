// How rbampctl comes to a bus, and what it says when it cannot.
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <fstream>

#include "bus/recording.hpp"
#include "workshop.hpp"

using namespace rbamp;
using namespace rbamp::support;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("a bus that another process has is not touched, and the words say who to stop") {
  Workshop bench{one_module};
  const auto daemon = bench.take_modules();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"scan"}, {"read", "0x51"}, {"set", "label", "0x51", "x", "--yes"}, {"reset", "0x51", "--yes"}}) {
    const auto outcome = bench.run(command);
    INFO(outcome.err);
    CHECK(outcome.status == 69);
    CHECK(outcome.complains("another process simulates these modules"));
    CHECK(outcome.complains("systemctl stop rbampd"));
  }
  CHECK(daemon->counters(0).latches_requested == 0);
  CHECK(daemon->state(0).boots == 1);
}

TEST_CASE("a device that may not be opened names the group that may") {
  Workshop bench{one_module};
  REQUIRE(::chmod(bench.folder.path().c_str(), 0755) == 0);
  const std::string device = bench.folder.write("i2c-9", "");
  REQUIRE(::chmod(device.c_str(), 0600) == 0);
  if (::geteuid() != 0) REQUIRE(::chmod(device.c_str(), 0) == 0);
  const auto outcome = as_nobody(bench, {"scan", "--device", device});
  INFO(outcome.err);
  CHECK(outcome.status == 77);
  CHECK(outcome.complains("group i2c"));
}

TEST_CASE("a device that is not there, or is none, is named with what there is to do") {
  Workshop bench{one_module};
  const auto missing = bench.run({"scan", "--device", "/dev/i2c-999"});
  CHECK(missing.status == 69);
  CHECK(missing.complains("/dev/i2c-999 does not exist"));
  const auto none = bench.run({"scan", "--device", "/dev/null"});
  CHECK(none.status == 69);
  CHECK(none.complains("no I2C adapter"));
}

TEST_CASE("of several buses one must be named, unless the module says which") {
  Workshop bench{one_module};
  bench.equip(
      "[[simulator.module]]\nbus = \"main\"\naddress = 0x51\n[[simulator.module]]\nbus = \"cellar\"\naddress = 0x51\nlabel = "
      "\"cellar\"\n",
      "[[bus]]\nname = \"cellar\"\ndriver = \"simulator\"\n"
      "[[module]]\nid = \"flats\"\nbus = \"cellar\"\naddress = 0x51\n[[module]]\nid = \"gone\"\nbus = \"cellar\"\naddress = "
      "0x60\n");
  const auto unclear = bench.run({"scan"});
  CHECK(unclear.status == 64);
  CHECK(unclear.complains("say which, with --bus main, --bus cellar"));
  CHECK(bench.run({"scan", "--bus", "main"}).status == 0);
  CHECK(bench.run({"scan", "--bus", "attic"}).complains("there is --bus main, --bus cellar"));
  CHECK(bench.run({"info", "flats", "--json"}).json()[0]["label"] == "cellar");
  const auto scan = bench.run({"scan", "--bus", "cellar"});
  CHECK(scan.says("nobody answers, where the configuration has gone"));
  const auto wrong = bench.run({"read", "flat", "--bus", "cellar"});
  CHECK(wrong.status == 64);
  CHECK(wrong.complains("it has flats, gone"));
}

TEST_CASE("a module that nobody configured is found by the id that rbampd gives it, and by its UID") {
  Workshop bench{one_module};
  const std::string uid = bench.run({"scan", "--json"}).json()["answers"][0]["uid"];
  const std::string id = bench.run({"scan", "--json"}).json()["answers"][0]["id"];
  CHECK(id == "m" + uid.substr(16));
  CHECK(bench.run({"info", id, "--json"}).json()[0]["uid"] == uid);
  CHECK(bench.run({"info", uid, "--json"}).json()[0]["id"] == id);
  CHECK(bench.run({"info", "m00000000"}).status == 64);
}

TEST_CASE("what is said on the bus can be recorded, and parsed again") {
  Workshop bench{one_module};
  const std::string file = bench.folder.file("bench.rec");
  REQUIRE(bench.run({"read", "0x51", "--record", file}).status == 0);
  const auto recording = bus::parse_recording(content_of(file));
  REQUIRE(recording);
  CHECK(recording->bus == "simulator");
  CHECK(recording->transactions.size() > 5);
  for (const auto& transaction : recording->transactions) CHECK(transaction.kind == bus::Transaction::Kind::read);
  CHECK(bench.run({"read", "--record", bench.folder.file("no/such/file")}).status == 65);
}

TEST_CASE("a house without a state file begins anew with each command, and that is said") {
  Workshop bench{one_module};
  bench.folder.write("rbampd.toml", "[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n[simulator]\nseed = 2\n" + one_module);
  const auto outcome = bench.run({"scan"});
  CHECK(outcome.status == 0);
  CHECK(outcome.complains("has no state_file"));
}
