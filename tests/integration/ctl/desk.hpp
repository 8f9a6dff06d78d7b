// A ledger with a known past, and rbampctl at it: run in the process of the test, with streams that it can read.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "ctl/program.hpp"
#include "integration/storage/fleet_of_rows.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::support {

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
  [[nodiscard]] bool complains(const std::string& text) const { return err.find(text) != std::string::npos; }
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

/// Modules "m0" (grid), "m1" and "m2" (load), with channels "ch0", "ch1", "ch2"; Berlin. Starts on Monday 2026-01-05 at 01:00 there.
class Desk {
 public:
  explicit Desk(std::size_t modules = 3, std::size_t channels = 2) : fleet(modules, channels) {
    folder.write("rbampd.toml", "[daemon]\ntimezone = \"Europe/Berlin\"\n[storage]\npath = \"" + ledger_path() +
                                    "\"\n"
                                    "[[module]]\nid = \"m0\"\naddress = 0x50\nrole = \"grid\"\n"
                                    "[[module]]\nid = \"m1\"\naddress = 0x51\nrole = \"load\"\n"
                                    "[[module]]\nid = \"m2\"\naddress = 0x52\nrole = \"load\"\n");
  }

  [[nodiscard]] std::string ledger_path() const { return folder.file("energy.db"); }
  [[nodiscard]] TimeZone zone() const { return TimeZone::find("Europe/Berlin").value(); }

  void open() {
    ledger = open_ledger(settings_for(ledger_path()), fleet.now, zone());
    fleet.open(*ledger);
  }
  void close() { ledger.reset(); }

  /// Books rounds of `period` until `time` has passed.
  void meter(Microseconds time, Microseconds period = std::chrono::minutes{1}) {
    for (Microseconds passed{}; passed < time; passed += period) {
      fleet.pass(period);
      REQUIRE(ledger->commit(fleet.round()));
    }
  }

  /// One round of all modules with this quality.
  void meter_as(metering::Quality quality, metering::Reason reason, const std::string& note, Microseconds period) {
    fleet.pass(period);
    metering::RoundCommit round;
    for (std::size_t m = 0; m < fleet.accounts.size(); ++m) {
      auto commit = fleet.module_commit(m, quality);
      commit.closings.front().reason = reason;
      commit.closings.front().note = note;
      round.modules.push_back(std::move(commit));
    }
    REQUIRE(ledger->commit(round));
  }

  /// `answer` is what a person types; without one nobody can be asked.
  Outcome run(std::vector<std::string> arguments, const std::string& answer = {}) {
    return run_with(std::move(arguments), answer, {"--config", folder.file("rbampd.toml")});
  }
  Outcome run_with(std::vector<std::string> arguments, const std::string& answer, const std::vector<std::string>& shared) {
    std::istringstream in{answer};
    std::ostringstream out;
    std::ostringstream err;
    ctl::Terminal terminal{in, out, err};
    terminal.can_ask = !answer.empty();
    ManualClock clock{fleet.now.utc};
    arguments.insert(arguments.end(), shared.begin(), shared.end());
    Outcome outcome;
    outcome.status = ctl::run(arguments, terminal, clock);
    outcome.out = out.str();
    outcome.err = err.str();
    return outcome;
  }

  TemporaryDirectory folder;
  FleetOfRows fleet;
  std::unique_ptr<storage::Ledger> ledger;
};

}  // namespace rbamp::support
