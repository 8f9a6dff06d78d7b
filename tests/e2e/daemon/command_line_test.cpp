// The real program: options, exit statuses, and what it says about bad input.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "house_config.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using std::chrono::seconds;

namespace {

struct Ended {
  int status = -1;
  std::string output;
};

Ended run(const std::vector<std::string>& arguments, seconds limit = seconds{20}) {
  ChildProcess child{rbampd, arguments};
  Ended ended;
  ended.status = child.wait_for_end(limit).value_or(-1);
  ended.output = child.output();
  return ended;
}

bool has(const Ended& ended, const std::string& text) { return ended.output.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("--version and --help answer with status 0, an unknown option with 64") {
  CHECK(run({"--version"}).status == 0);
  const auto help = run({"--help"});
  CHECK(help.status == 0);
  CHECK(has(help, "--check-config"));
  CHECK(run({"--no-such-option"}).status == 64);
}

TEST_CASE("--print-default-config prints the file that is installed") {
  std::ifstream in{std::string{RBAMP_SOURCE_DIR} + "/config/rbampd.toml"};
  const std::string installed{std::istreambuf_iterator<char>{in}, {}};
  CHECK(run({"--print-default-config"}).output == installed);
}

TEST_CASE("every problem of a configuration is named with file, line and column, and the status is 78") {
  const TemporaryDirectory folder;
  const auto file = folder.write("bad.toml", "[daemon]\nperiod = \"60 parsecs\"\ntimezon = \"UTC\"\n");
  for (const auto& arguments :
       {std::vector<std::string>{"--config", file, "--check-config"}, std::vector<std::string>{"--config", file}}) {
    const auto ended = run(arguments);
    CHECK(ended.status == 78);
    CHECK(has(ended, file + ":2:"));
    CHECK(has(ended, file + ":3:"));
    CHECK(has(ended, "timezone"));
  }
}

TEST_CASE("a configuration file that does not exist is a problem when it was named") {
  const auto ended = run({"--config", "/nonexistent/rbampd.toml"});
  CHECK(ended.status == 78);
  CHECK(has(ended, "/nonexistent/rbampd.toml"));
}

TEST_CASE("--check-config accepts what the daemon would run with") {
  const TemporaryDirectory folder;
  const auto ended = run({"--config", folder.write("good.toml", one_kilowatt(folder)), "--check-config"});
  CHECK(ended.status == 0);
}

TEST_CASE("a database that cannot be made ends with 65 and names the path") {
  const TemporaryDirectory folder;
  auto text = one_kilowatt(folder);
  text.replace(text.find(folder.file("energy.db")), folder.file("energy.db").size(), "/proc/energy.db");
  const auto ended = run({"--config", folder.write("c.toml", text)});
  CHECK(ended.status == 65);
  CHECK(has(ended, "/proc/energy.db"));
}

TEST_CASE("a bus that does not exist, or is no adapter, ends with 69 and says what to do") {
  const TemporaryDirectory folder;
  const std::string device = GENERATE(as<std::string>{}, "/dev/i2c-77", "/dev/null");
  const auto file = folder.write(
      "c.toml", "[storage]\npath = \"" + folder.file("e.db") + "\"\n[[bus]]\nname = \"main\"\ndevice = \"" + device + "\"\n");
  const auto ended = run({"--config", file}, seconds{30});
  CHECK(ended.status == 69);
  CHECK(has(ended, device));
}

TEST_CASE("an address that holds no rbAmp is named, nothing is written there, and the rest is metered") {
  const TemporaryDirectory folder;
  auto text = one_kilowatt(folder);
  text += "[[module]]\nid = \"ghost\"\naddress = 0x60\n";
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", text)}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  CHECK(child.wait_for_notify("ghost", seconds{10}));  // in STATUS=
}

TEST_CASE("a broker that is not there does not keep the daemon from metering") {
  const TemporaryDirectory folder;
  const auto text = one_kilowatt(folder) + "[mqtt]\nbroker = \"mqtt://127.0.0.1:1\"\n";
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", text)}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  CHECK(child.wait_for_output("127.0.0.1:1", seconds{10}));
}
