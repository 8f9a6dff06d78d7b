// A bench with simulated modules that outlive each command, and rbampctl at it, on virtual time.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "desk.hpp"
#include "simulator/house.hpp"

namespace rbamp::support {

/// Three virgin modules, of which the first is plugged in: UI1 with 1150 W, UI2 with 2300 and -460 W, I3 with 230 W.
inline std::string virgin_fleet(int plugged) {
  const auto module = [&](int number, const std::string& variant, const std::vector<int>& watts) {
    std::string text = "[[simulator.module]]\naddress = 0x50\nvirgin = true\nvariant = \"" + variant +
                       "\"\nplugged = " + (number < plugged ? "true" : "false") + "\n";
    for (const int power : watts) text += "[[simulator.module.load]]\npower_w = " + std::to_string(power) + "\n";
    return text;
  };
  return module(0, "UI1", {1150}) + module(1, "UI2", {2300, -460}) + module(2, "I3", {230});
}

/// One module that is set up, at 0x51, with 1000 W.
inline const std::string one_module =
    "[[simulator.module]]\naddress = 0x51\nlabel = \"boiler\"\n[[simulator.module.load]]\npower_w = 1000\n";

class Workshop {
 public:
  /// Nobody to ask for the loan of a bus, whatever runs on this machine.
  explicit Workshop(const std::string& modules) {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);  // NOLINT(concurrency-mt-unsafe): before any thread
    equip(modules);
  }

  /// What stands on the bench from the next command on; modules that were there go on.
  void equip(const std::string& modules, const std::string& more = {}) {
    folder.write("rbampd.toml", "[storage]\npath = \"" + folder.file("energy.db") +
                                    "\"\n[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n[simulator]\nstate_file = \"" +
                                    folder.file("modules") + "\"\n" + modules + more);
  }

  /// Each command takes place a minute after the one before, so that nothing was just switched on.
  Outcome run(std::vector<std::string> arguments, const std::string& answer = {}) {
    clock.advance(std::chrono::minutes{1});
    arguments.insert(arguments.end(), {"--config", folder.file("rbampd.toml")});
    return run_as_is(arguments, answer);
  }
  Outcome run_as_is(const std::vector<std::string>& arguments, const std::string& answer = {}) {
    return run_rbampctl(arguments, answer, clock);
  }

  [[nodiscard]] config::Config config() const { return config::load(folder.file("rbampd.toml")).config; }
  /// The modules, as the process that has them. As long as it lives, rbampctl has not.
  [[nodiscard]] std::unique_ptr<simulator::World> take_modules() {
    auto world = simulator::build_house(config().simulator, clock);
    if (!world) throw std::runtime_error(world.error().detail);
    return std::move(*world);
  }

  TemporaryDirectory folder;
  ManualClock clock;
};

/// Runs the command as a user that owns nothing, in another process; what it wrote to standard error comes back.
inline Outcome as_nobody(Workshop& bench, const std::vector<std::string>& arguments) {
  const std::string said = bench.folder.write("said", "");
  REQUIRE(::chmod(said.c_str(), 0666) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(99);
    const auto outcome = bench.run_as_is(arguments);
    std::ofstream{said} << outcome.err;
    ::_exit(outcome.status);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  Outcome outcome;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream file{said};
  outcome.err.assign(std::istreambuf_iterator<char>{file}, {});
  return outcome;
}

}  // namespace rbamp::support
