// The shipped files: config/rbampd.toml, config/demo.toml and docs/configuration.md against the loader.
#include <fstream>
#include <sstream>
#include <string>

#include "config/config.hpp"
#include "config/sections.hpp"
#include "problems.hpp"
#include "support/catch.hpp"

namespace rbamp::config {
namespace {

std::string source_file(const std::string& name) {
  std::ifstream file{RBAMP_SOURCE_DIR "/" + name, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE(file.good());
  return text.str();
}

/// Takes the # off every "#key = value" and "#[table]"; prose has a blank after it.
std::string uncommented(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_line = i == 0 || text[i - 1] == '\n';
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    if (starts_line && text[i] == '#' && ((next >= 'a' && next <= 'z') || next == '[')) continue;
    result += text[i];
  }
  return result;
}

bool is_word_character(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool has_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_word_character(text[at - 1])) && (end == text.size() || !is_word_character(text[end]))) return true;
  }
  return false;
}

/// The text from `title` to `next_table`.
std::string section(const std::string& text, const std::string& title, const std::string& next_table) {
  const auto begin = text.find(title);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find(next_table, begin + title.size()) - begin);
}

TEST_CASE("the printed default configuration is the installed file") {
  CHECK(default_text() == source_file("config/rbampd.toml"));
}

TEST_CASE("the default configuration has no problem and gives exactly the built-in defaults") {
  const auto loaded = parse(default_text(), "rbampd.toml");
  CHECK(loaded.problems.empty());
  Config expected;
  expected.buses.emplace_back();
  CHECK(loaded.config == expected);
}

TEST_CASE("an empty configuration gives the built-in defaults") {
  const auto loaded = parse("", "empty.toml");
  CHECK(loaded.problems.empty());
  Config expected;
  expected.buses.emplace_back();
  CHECK(loaded.config == expected);
}

TEST_CASE("every value that the default configuration shows in a comment is the default") {
  const auto text = uncommented(std::string{default_text()});
  const auto simulator = text.find("[simulator]");
  REQUIRE(simulator != std::string::npos);

  const auto loaded = parse(text.substr(0, simulator), "rbampd.toml");
  CHECK(loaded.problems.empty());
  Config expected;
  expected.mqtt.emplace();
  expected.buses.emplace_back().drdy = DrdyLine{"gpiochip0", 15, ""};  // has no default: an example
  Module mains;
  mains.id = "mains";
  mains.address = default_module_address;
  mains.name = "Mains";
  mains.role = metering::Role::grid;
  mains.channels.push_back(Channel{ChannelIndex{0}, "house", "House", false});
  expected.modules.push_back(mains);
  CHECK(loaded.config == expected);

  const auto simulated = parse("[[bus]]\ndriver = \"simulator\"\n" + text.substr(simulator), "rbampd.toml");
  CHECK(simulated.problems.empty());
  Simulator defaults;
  defaults.modules.emplace_back().address = default_module_address;
  defaults.modules.front().chip_clock = 0.73;  // these two have no default: examples
  defaults.modules.front().export_register = 0x34;
  defaults.modules.front().loads.emplace_back();
  CHECK(simulated.config.simulator == defaults);
}

TEST_CASE("every key of the loader appears in the default configuration, under its table") {
  const auto text = uncommented(std::string{default_text()});
  for (const auto& key : known_keys()) {
    const auto dot = key.rfind('.');
    const auto table = key.substr(0, dot);
    // A script has no default, and no entry of it could show every key: each kind refuses those that it does not use.
    if (table == "simulator.fault" || table == "simulator.foreign") continue;
    auto lines = section(text, "\n" + key_listing().titles.at(table) + "\n", "\n[");
    if (table == "bus.drdy" || table == "module.drdy") lines = section(text, "\ndrdy = {", "\n");
    if (table == "simulator.module.load")
      lines = section(text, "# One load for each channel", "end");  // shape by shape, above its table
    INFO(key);
    CHECK(has_word(lines, key.substr(dot + 1)));
  }
}

TEST_CASE("every key of the loader is documented, under its table") {
  const auto text = source_file("docs/configuration.md");
  for (const auto& key : known_keys()) {
    const auto dot = key.rfind('.');
    const auto heading = "## `" + key_listing().titles.at(key.substr(0, dot)) + "`";
    INFO(key << " under " << heading);
    CHECK(section(text, heading, "\n## ").find("| `" + key.substr(dot + 1) + "` |") != std::string::npos);
  }
}

TEST_CASE("the documentation names no key that the loader does not know") {
  const auto text = source_file("docs/configuration.md");
  std::size_t found = 0;
  for (const auto& [table, title] : key_listing().titles) {
    const auto lines = section(text, "## `" + title + "`", "\n## ");
    const std::string before = "\n| `";
    for (auto at = lines.find(before); at != std::string::npos; at = lines.find(before, at + 1)) {
      const auto name = at + before.size();
      const auto key = table + "." + lines.substr(name, lines.find('`', name) - name);
      INFO(key);
      CHECK(key_listing().known.count(key) == 1);
      ++found;
    }
  }
  CHECK(found >= known_keys().size());
}

TEST_CASE("the demo is a house with a feeding-in connection, a heat pump and two sub-meters, without MQTT") {
  const auto loaded = parse(source_file("config/demo.toml"), "demo.toml");
  for (const auto& problem : loaded.problems) FAIL_CHECK(to_string(problem));
  const auto& config = loaded.config;
  CHECK(config.daemon.period == std::chrono::seconds{5});
  CHECK_FALSE(config.mqtt.has_value());
  CHECK(config.storage.path == "/tmp/rbampd-demo/energy.db");
  REQUIRE(config.modules.size() == 3);
  CHECK(config.modules[0].role == metering::Role::grid);
  CHECK(config.modules[2].channels.size() == 2);
  REQUIRE(config.simulator.modules.size() == config.modules.size());
  for (std::size_t i = 0; i < config.modules.size(); ++i) {
    CHECK(config.modules[i].bus == config.buses.front().name);
    CHECK(config.simulator.modules[i].bus == config.buses.front().name);
    CHECK(config.simulator.modules[i].address == config.modules[i].address);
    CHECK(config.simulator.modules[i].loads.size() == config.modules[i].channels.size());
  }
  const auto& sun = config.simulator.modules[0].loads[0];
  CHECK(sun.power_w + sun.offset_w < 0.0);
}

}  // namespace
}  // namespace rbamp::config
