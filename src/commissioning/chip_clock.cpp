#include "commissioning/chip_clock.hpp"

#include "commissioning/decimal.hpp"
#include "metering/evidence.hpp"

namespace rbamp::commissioning {
namespace {

constexpr Microseconds look_pause = std::chrono::milliseconds{20};
constexpr Microseconds longest_second = std::chrono::seconds{3};
constexpr int seconds_watched = 3;

struct Turn {
  BootTime at{};
  std::chrono::seconds uptime{};
};

/// The instant at which the counter next shows another second.
Result<Turn> next_turn(const ModuleLink& module) {
  auto& clock = module.bus().clock();
  const BootTime begin = clock.boot_now();
  const auto first = module.read_uptime();
  if (!first) return failure(first.error());
  for (;;) {
    module.pause(look_pause);
    const auto now = module.read_uptime();
    if (!now) return failure(now.error());
    if (*now == *first + std::chrono::seconds{1}) return Turn{clock.boot_now(), *now};
    if (*now != *first || clock.boot_now() - begin > longest_second) {
      return failure(Errc::wrong_module, Remedy::give_up,
                     module.name() + " counts its seconds wrongly (" + std::to_string(first->count()) + ", then " +
                         std::to_string(now->count()) + "): it restarts, or two modules share the address");
    }
  }
}

}  // namespace

Result<double> measure_chip_clock(const ModuleLink& module) {
  const auto begin = next_turn(module);
  if (!begin) return failure(begin.error());
  Turn last = *begin;
  for (int i = 0; i < seconds_watched; ++i) {
    const auto turn = next_turn(module);
    if (!turn) return failure(turn.error());
    last = *turn;
  }
  const auto passed = std::chrono::duration<double>(last.at - begin->at).count();
  return static_cast<double>((last.uptime - begin->uptime).count()) / passed;
}

Finding judge_chip_clock(double ratio, I2cAddress module) {
  const bool is_healthy = ratio >= metering::slowest_chip_clock && ratio <= metering::fastest_chip_clock;
  Finding finding{Severity::ok, "clock", module, "its clock runs at " + decimal(ratio * 100.0, 0) + " % of ours", {}};
  if (is_healthy) return finding;
  finding.severity = Severity::warning;
  finding.advice = "70 to 105 % is healthy. It bills nothing, but such a chip is suspect: look at its errors and supply";
  return finding;
}

}  // namespace rbamp::commissioning
