// The whole configuration as plain structs with their defaults. Nothing outside config/ ever sees TOML.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/daemon.hpp"
#include "config/demand.hpp"
#include "config/fleet.hpp"
#include "config/mqtt.hpp"
#include "config/simulator.hpp"
#include "config/storage.hpp"
#include "metering/event_watch.hpp"

namespace rbamp::config {

struct Config {
  Daemon daemon;
  Storage storage;
  std::optional<Mqtt> mqtt;  ///< absent: no MQTT
  HomeAssistant homeassistant;
  std::vector<Bus> buses;       ///< at least one after loading: without [[bus]] the default one
  std::vector<Module> modules;  ///< empty: every rbAmp found on every bus is metered
  metering::EventSettings events;
  Demand demand;
  Simulator simulator;

  bool operator==(const Config&) const = default;
};

/// One thing that is wrong. `text` says what to do.
struct Problem {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  std::string text;
};

/// "FILE:LINE:COLUMN: error: TEXT"
[[nodiscard]] std::string to_string(const Problem& problem);

struct Loaded {
  Config config;
  std::vector<std::string> files;  ///< that were read, in order
  std::vector<Problem> problems;   ///< all of them, in file and line order; the config is usable only when this is empty
};

inline constexpr std::string_view default_file = "/etc/rbampd/rbampd.toml";

/// What it means that FILE does not exist: the user named it, so it is a problem; or it is the default one and the built-in
/// defaults hold.
enum class WhenMissing { problem, defaults };

/// Reads FILE, then conf.d/*.toml beside it in name order (a later file's scalar keys override, its [[bus]] and [[module]]
/// entries are added; the same id in two files is a duplicate and a problem). Blocks for the disk. Never throws.
/// A file that cannot be read, or is no TOML, is one problem; what can be checked of the other files still is.
[[nodiscard]] Loaded load(const std::string& file, WhenMissing when_missing = WhenMissing::problem);
/// The same from text, for tests and for checking what a user pasted; `name` stands for the file in problems.
[[nodiscard]] Loaded parse(std::string_view text, std::string_view name);

/// The commented default configuration, equal to the installed /etc/rbampd/rbampd.toml.
[[nodiscard]] std::string_view default_text();

/// Every key that is known, as "daemon.period", "module.channel.index": for the documentation's test and for completion.
[[nodiscard]] std::vector<std::string> known_keys();

}  // namespace rbamp::config
