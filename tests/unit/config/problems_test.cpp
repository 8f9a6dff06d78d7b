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

}  // namespace
}  // namespace rbamp::config
