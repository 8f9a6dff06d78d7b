// What the command line asked for, and the process's exit statuses. Design section 4.
#pragma once

#include <string>

namespace rbamp::daemon {

struct Options {
  std::string config_file;    ///< empty: the default one, which need not exist
  bool check_config = false;  ///< only say whether the configuration is good
};

namespace exit_status {
inline constexpr int ok = 0;
inline constexpr int usage = 64;
inline constexpr int ledger_unusable = 65;
inline constexpr int no_bus = 69;
inline constexpr int software = 70;  ///< an unexpected failure; the text says which
inline constexpr int restart = 75;   ///< the ledger is damaged beyond repair while running, or is full or in use at the start
inline constexpr int configuration = 78;
}  // namespace exit_status

/// The built-in configuration as commented TOML.
[[nodiscard]] std::string default_config_text();

/// Everything from reading the configuration to the last commit. Returns the exit status. Blocks until the daemon is told to stop.
[[nodiscard]] int run(const Options& options);

}  // namespace rbamp::daemon
