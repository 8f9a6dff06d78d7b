#include "desk.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "ctl/program.hpp"

namespace rbamp::support {

nlohmann::json Outcome::json() const { return nlohmann::json::parse(out); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

Outcome run_rbampctl(const std::vector<std::string>& arguments, const std::string& answer, ManualClock& clock) {
  std::istringstream in{answer};
  std::ostringstream out;
  std::ostringstream err;
  ctl::Terminal terminal{in, out, err};
  terminal.can_ask = !answer.empty();
  Outcome outcome;
  outcome.status = ctl::run(arguments, terminal, clock);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

Desk::Desk(std::size_t modules, std::size_t channels) : fleet(modules, channels) {
  folder.write("rbampd.toml", "[daemon]\ntimezone = \"Europe/Berlin\"\n[storage]\npath = \"" + ledger_path() +
                                  "\"\n"
                                  "[[module]]\nid = \"m0\"\naddress = 0x50\nrole = \"grid\"\n"
                                  "[[module]]\nid = \"m1\"\naddress = 0x51\nrole = \"load\"\n"
                                  "[[module]]\nid = \"m2\"\naddress = 0x52\nrole = \"load\"\n");
}

void Desk::open() {
  ledger = open_ledger(settings_for(ledger_path()), fleet.now, zone());
  fleet.open(*ledger);
}

void Desk::meter(Microseconds time, Microseconds period) {
  for (Microseconds passed{}; passed < time; passed += period) {
    fleet.pass(period);
    REQUIRE(ledger->commit(fleet.round()));
  }
}

void Desk::meter_as(metering::Quality quality, metering::Reason reason, const std::string& note, Microseconds period) {
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

Outcome Desk::run(std::vector<std::string> arguments, const std::string& answer) {
  return run_with(std::move(arguments), answer, {"--config", folder.file("rbampd.toml")});
}

Outcome Desk::run_with(std::vector<std::string> arguments, const std::string& answer, const std::vector<std::string>& shared) {
  ManualClock clock{fleet.now.utc};
  arguments.insert(arguments.end(), shared.begin(), shared.end());
  return run_rbampctl(arguments, answer, clock);
}

}  // namespace rbamp::support
