// A ledger with a known past, and rbampctl at it: run in the process of the test, with streams that it can read.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "integration/storage/fleet_of_rows.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::support {

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;

  [[nodiscard]] nlohmann::json json() const;
  [[nodiscard]] bool says(const std::string& text) const { return out.find(text) != std::string::npos; }
  [[nodiscard]] bool complains(const std::string& text) const { return err.find(text) != std::string::npos; }
};

std::vector<std::string> lines_of(const std::string& text);

/// `answer` is what a person types; without one nobody can be asked.
Outcome run_rbampctl(const std::vector<std::string>& arguments, const std::string& answer, ManualClock& clock);

/// Modules "m0" (grid), "m1" and "m2" (load), with channels "ch0", "ch1", "ch2"; Berlin. Starts on Monday 2026-01-05 at 01:00 there.
class Desk {
 public:
  explicit Desk(std::size_t modules = 3, std::size_t channels = 2);

  [[nodiscard]] std::string ledger_path() const { return folder.file("energy.db"); }
  [[nodiscard]] TimeZone zone() const { return TimeZone::find("Europe/Berlin").value(); }

  void open();
  void close() { ledger.reset(); }

  /// Books rounds of `period` until `time` has passed.
  void meter(Microseconds time, Microseconds period = std::chrono::minutes{1});
  /// One round of all modules with this quality.
  void meter_as(metering::Quality quality, metering::Reason reason, const std::string& note, Microseconds period);

  Outcome run(std::vector<std::string> arguments, const std::string& answer = {});
  Outcome run_with(std::vector<std::string> arguments, const std::string& answer, const std::vector<std::string>& shared);

  TemporaryDirectory folder;
  FleetOfRows fleet;
  std::unique_ptr<storage::Ledger> ledger;
};

}  // namespace rbamp::support
