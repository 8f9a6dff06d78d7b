// Holds lines of the ledger against the physical truth of the simulated world, one by one. A line that is not exact must have a cause.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/world.hpp"
#include "watched_ledger.hpp"

namespace rbamp::support {

/// Why a line may be less than exact.
struct Cause {
  enum class Kind : std::uint8_t {
    reset,     ///< the module was without supply, or restarted, in this time
    stranger,  ///< another master latched
    blind,     ///< the disk refused what was booked in this time, and then the process died
  };
  Kind kind = Kind::reset;
  BootTime from{};
  BootTime to{};
};

struct JudgedModule {
  std::string place;
  std::size_t index = 0;  ///< in the world
  /// Lowest and highest power that each channel can draw; equal ones must be booked to the micro-watt-hour.
  std::vector<simulator::PowerBounds> channels;
  bool uptime_is_slow = false;  ///< UPTIME_S runs on the chip's clock: a restart is known to a third of the time since then
  std::vector<Cause> causes;
  bool is_after_gap = false;  ///< the newest line is the gap of a restart
};

struct JudgedSums {
  std::size_t lines = 0;
  std::size_t recovered = 0;
  std::size_t estimated = 0;
  std::size_t gaps = 0;
  Microseconds gap_time{};
};

class LineJudge {
 public:
  LineJudge(const simulator::World& world, std::vector<JudgedModule> modules) : world_(world), modules_(std::move(modules)) {}

  void add_cause(std::size_t module, const Cause& cause) { modules_.at(module).causes.push_back(cause); }
  void judge(const WatchedLine& line);

  /// What contradicts the truth; empty when all is well.
  [[nodiscard]] std::vector<std::string>& findings() { return findings_; }
  [[nodiscard]] const JudgedSums& sums() const { return sums_; }
  [[nodiscard]] const std::vector<JudgedModule>& modules() const { return modules_; }

 private:
  void judge_gap(const JudgedModule& module, const WatchedLine& line, bool is_after_gap);
  void judge_energy(const JudgedModule& module, const WatchedLine& line, bool is_guess);
  void find(const WatchedLine& line, const std::string& what);

  const simulator::World& world_;
  std::vector<JudgedModule> modules_;
  std::vector<std::string> findings_;
  JudgedSums sums_;
};

}  // namespace rbamp::support
