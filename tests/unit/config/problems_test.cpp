// What is said about bad configurations.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/suggestion.hpp"
#include "problems.hpp"
#include "support/catch.hpp"

namespace rbamp::config {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE(file.good());
  return text.str();
}

TEST_CASE("each bad configuration of tests/data gives exactly the problems that are written beside it") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{RBAMP_SOURCE_DIR "/tests/data/config"}) {
    if (entry.path().extension() != ".toml") continue;
    ++files;
    std::string said;
    const auto name = entry.path().filename().string();
    for (const auto& problem : parse(read_all(entry.path()), name).problems) said += to_string(problem) + "\n";
    INFO(name);
    auto expected = entry.path();
    CHECK(said == read_all(expected.replace_extension(".problems")));
  }
  CHECK(files >= 8);
}

TEST_CASE("a problem is one line that editors understand") {
  CHECK(to_string(Problem{"/etc/rbampd/rbampd.toml", 3, 7, "no"}) == "/etc/rbampd/rbampd.toml:3:7: error: no");
}

TEST_CASE("a password never appears in what is said") {
  for (const auto* text : {"[mqtt]\npassword = \"hunter2\"", "[mqtt]\npasword = \"hunter2\"",
                           "[mqtt]\nbroker = \"mqtt://u:hunter2@host\"", "[mqtt]\nbroker = \"u:hunter2@host\"",
                           "[mqtt]\npassword = [\"hunter2\"]", "[mqtt]\npassword_file = { x = \"hunter2\" }"}) {
    const auto problems = problems_of(text);
    INFO(text);
    REQUIRE_FALSE(problems.empty());
    for (const auto& problem : problems) CHECK(problem.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("nobody is led to an unverified broker by a guess at another key") {
  for (const auto* key : {"tls", "tls_verify", "verify", "skip", "tls_ca", "tls_skip_verify", "in"}) {
    const auto problems = problems_of("[mqtt]\n" + std::string{key} + " = true");
    INFO(key);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("did you mean \"insecure") == std::string::npos);
  }
}

TEST_CASE("control characters in a value are refused and shown harmlessly") {
  CHECK(problems_of("[[module]]\nid = \"a\"\naddress = 80\nname = \"\\u001b[2J\"") ==
        Problems{"4:1 module.name: \"\\x1b[2J\" holds control characters"});
  CHECK(problems_of("\"\\u001b\" = 1") == Problems{"1:1 the key \"\\x1b\" stands above all tables"});
}

TEST_CASE("problems come in the order of lines, whatever found them") {
  const auto problems = parse("[[module]]\nbus = \"x\"\nid = \"A\"\n[daemon]\nperiod = 1\n[zzz]", "t").problems;
  REQUIRE(problems.size() == 5);
  CHECK(std::is_sorted(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) { return a.line < b.line; }));
}

TEST_CASE("what is no TOML is reported at its line, in the library's words") {
  const auto problems = parse("[daemon]\nperiod = \"60s\"\nperiod = \"30s\"\n", "t").problems;
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].line == 3);
  CHECK(problems[0].text.find("period") != std::string::npos);
}

TEST_CASE("who forgets the quotes is told so, without repeating what was written") {
  for (const auto* text : {"[daemon]\nperiod = 60s\n", "[daemon]\ntimezone = Europe/Berlin\n", "[mqtt]\npassword = hunter2"}) {
    const auto problems = parse(text, "t").problems;
    INFO(text);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].line == 2);
    CHECK(problems[0].text.find("are written in quotes") != std::string::npos);
    CHECK(problems[0].text.find("hunter2") == std::string::npos);
  }
  CHECK(parse("[daemon]\nperiod = \"60s\n", "t").problems.at(0).text.find("are written in quotes") == std::string::npos);
}

TEST_CASE("after a syntax error nothing else is invented") {
  CHECK(problems_of("[[module]]\nid = \"a\"\naddress = 80\nbus = \"other\"\n[[bus]\nname = \"other\"").size() == 1);
}

TEST_CASE("whatever is done to a configuration, every problem has a place, and the loader survives") {
  const auto demo = read_all(RBAMP_SOURCE_DIR "/config/demo.toml");
  const auto lines = static_cast<unsigned>(std::count(demo.begin(), demo.end(), '\n')) + 2;
  constexpr std::string_view alphabet = "[]{}=\"#.\n0x-_aZ\\";
  std::uint32_t random = 12345;
  const auto next = [&random](std::size_t below) {
    random = random * 1664525U + 1013904223U;
    return static_cast<std::size_t>(random >> 8U) % below;
  };
  std::size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    auto text = demo;
    for (int change = 0; change < 3; ++change) {
      const auto at = next(text.size());
      if (next(2) == 0) {
        text[at] = alphabet[next(alphabet.size())];
      } else {
        text.erase(at, next(20));
      }
    }
    const auto loaded = parse(text, "mutated.toml");
    refused += loaded.problems.empty() ? 0U : 1U;
    for (const auto& problem : loaded.problems) {
      REQUIRE(problem.line >= 1);
      REQUIRE(problem.line <= lines + 3);
      REQUIRE(problem.column >= 1);
      REQUIRE_FALSE(problem.text.empty());
    }
    REQUIRE_FALSE(loaded.config.buses.empty());
  }
  CHECK(refused > 100);
}

TEST_CASE("near words are suggested, far ones are not") {
  const std::vector<std::string> keys{"period", "timezone", "log_level"};
  CHECK(closest("perod", keys) == "period");
  CHECK(closest("preiod", keys) == "period");
  CHECK(closest("Period", keys) == "period");
  CHECK(closest("log-level", keys) == "log_level");
  CHECK(closest("time", keys) == "timezone");
  CHECK_FALSE(closest("storage", keys).has_value());
  CHECK_FALSE(closest("", keys).has_value());
  CHECK_FALSE(closest(std::string(100'000, 'p'), keys).has_value());
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("abc", "acb") == 1);
  CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("what a user wrote is quoted on one line and not without end") {
  CHECK(in_quotes("a\nb") == "\"a\\x0ab\"");
  CHECK(in_quotes(std::string(1000, 'x')).size() < 70);
}

TEST_CASE("a fault of the script that would do nothing is a problem") {
  const std::string house = "bus = [{ name = \"main\", driver = \"simulator\" }]\nsimulator.module = [{ address = 80 }]\n";
  const auto of = [&](const std::string& fault) { return problems_of(house + "simulator.fault = [{ " + fault + " }]"); };
  CHECK(of("kind = \"bus_stuck\", at = \"1h\", for = \"5s\"").empty());
  CHECK(of("at = \"1s\"") == Problems{"3:20 [[simulator.fault]] needs the key kind, such as kind = \"power_cycle\""});
  CHECK(of("kind = \"power_cicle\"") ==
        Problems{"3:22 simulator.fault.kind: \"power_cicle\" is not known; did you mean \"power_cycle\"?"});
  CHECK(of("kind = \"watchdog_reset\", for = \"1s\"") ==
        Problems{"3:47 simulator.fault.for: has no effect with kind = \"watchdog_reset\""});
  CHECK(of("kind = \"nack_data\", value = 1.5") ==
        Problems{"3:42 simulator.fault.value: 1.5 is out of range: it must be from 0 to 1"});
  CHECK(of("kind = \"adapter_error\"") == Problems{"3:20 [[simulator.fault]] needs the key code, such as code = 121"});
  CHECK(of("kind = \"slow_bus\"") == Problems{"3:20 [[simulator.fault]] needs the key value, such as value = 20"});
  CHECK(of("kind = \"unplug\", module = 81") == Problems{"3:39 simulator.fault.module: there is no simulated module at 0x51"});
  CHECK(of("kind = \"unplug\", bus = \"mian\"") ==
        Problems{"3:39 simulator.fault.bus: there is no bus \"mian\"; did you mean \"main\"?"});
  CHECK(of("kind = \"unplug\", at = 5").front().starts_with("3:39 simulator.fault.at: must be a duration in quotes"));
  CHECK(of("kind = \"unplug\", at = 2026-01-05").front().starts_with("3:39 simulator.fault.at: must be a duration in quotes"));
  CHECK(of("kind = \"unplug\", at = 2026-01-05T10:00:00").size() == 1);  // without an offset: of no zone
}

TEST_CASE("a chip of others does not sit where a module is") {
  CHECK(problems_of("bus = [{ name = \"main\", driver = \"simulator\" }]\nsimulator.module = [{ address = 80 }]\n"
                    "simulator.foreign = [{ address = 80 }]") ==
        Problems{"3:24 simulator.foreign.address: 0x50 on bus \"main\" is used already, at test.toml:2"});
}

TEST_CASE("a problem is one line, whatever the text holds") {
  for (const std::string_view text : {"a = tru\nb", "a = \"x\x01\"", "a = \x7F", "\"a\nb\" = 1"}) {
    const auto problems = problems_of(text);
    REQUIRE(problems.size() == 1);
    INFO(problems.front());
    CHECK(problems.front().find_first_of("\n\x01\x7F") == std::string::npos);
  }
}

}  // namespace
}  // namespace rbamp::config
