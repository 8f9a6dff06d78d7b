#include "protocol/plan.hpp"

#include <iomanip>
#include <sstream>

#include "protocol/snapshot.hpp"
#include "protocol/state.hpp"

namespace rbamp::protocol {
namespace {

constexpr std::chrono::microseconds gap{100};

// Bits on the wire: start, address and register bytes with acknowledge, repeated start, stop. Protocol 3.3.
constexpr std::uint32_t read_bits(std::uint32_t bytes) { return 30 + 9 * bytes; }
constexpr std::uint32_t write_bits(std::uint32_t data_bytes) { return 20 + 9 * data_bytes; }
static_assert(read_bits(1) == 39 && read_bits(56) == 534 && write_bits(1) == 29);

constexpr std::uint32_t bits_of(const Step& step) {
  return step.kind == StepKind::read ? read_bits(step.size) : write_bits(step.size);
}

constexpr std::array merged{
    Step{state_start, state_size, StepKind::read, false, "status, error, version, PERIOD_VALID"},
    Step{evidence_start, evidence_size, StepKind::read, false, "event flags, uptime, reset cause, bus errors, GC_TICK"},
    Step{snapshot_start, snapshot_size, StepKind::read, false, "snapshot"},
    Step{snapshot_start, snapshot_size, StepKind::read, false, "snapshot again: latched bytes must agree"},
    Step{reg::gc_tick, gc_tick_size, StepKind::read, true, "GC_TICK again: the witness of the broadcast"},
    Step{reg::event_flags, 1, StepKind::write, false, "acknowledge PERIOD_READY after the commit"},
};

constexpr std::array split{
    Step{reg::event_flags, 1, StepKind::read, false, "event flags"},
    Step{health_start, 5, StepKind::read, false, "uptime, reset cause"},
    Step{reg::period_valid, 1, StepKind::read, false, "PERIOD_VALID"},
    Step{reg::gc_tick, gc_tick_size, StepKind::read, true, "GC_TICK"},
    Step{snapshot_start, snapshot_counts_size, StepKind::read, false, "commits, means of channels 1 and 2"},
    Step{reg::period_avg_p, snapshot_means_size, StepKind::read, false, "mean and maximum of channel 0"},
    Step{reg::period_latch_ms, snapshot_latch_size, StepKind::read, false, "LATCH_MS"},
    Step{snapshot_start, snapshot_counts_size, StepKind::read, false, "again"},
    Step{reg::period_avg_p, snapshot_means_size, StepKind::read, false, "again"},
    Step{reg::period_latch_ms, snapshot_latch_size, StepKind::read, false, "again"},
    Step{reg::gc_tick, gc_tick_size, StepKind::read, true, "GC_TICK again"},
    Step{reg::event_flags, 1, StepKind::write, false, "acknowledge PERIOD_READY after the commit"},
};

double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

std::string hex(unsigned address) {
  std::ostringstream text;
  text << "0x" << std::hex << std::uppercase << std::setfill('0') << std::setw(2) << address;
  return text.str();
}

}  // namespace

std::span<const Step> latch_plan() { return merged; }
std::span<const Step> split_latch_plan() { return split; }

std::chrono::microseconds PlanCost::time_at(std::uint32_t hertz) const {
  const auto wire = static_cast<std::uint64_t>(bits) * 1'000'000U / hertz;
  return std::chrono::microseconds{wire} + gap * static_cast<std::int64_t>(transactions);
}

PlanCost cost_of(std::span<const Step> plan, bool is_broadcast) {
  PlanCost cost;
  for (const auto& step : plan) {
    if (step.broadcast_only && !is_broadcast) continue;
    ++cost.transactions;
    cost.bits += bits_of(step);
  }
  return cost;
}

std::string to_text(std::span<const Step> plan, bool is_broadcast) {
  std::ostringstream text;
  for (const auto& step : plan) {
    if (step.broadcast_only && !is_broadcast) continue;
    text << std::left << std::setw(6) << (step.kind == StepKind::read ? "read" : "write") << std::right  //
         << hex(step.start) << ".." << hex(step.start + step.size - 1U)                                  //
         << std::setw(4) << unsigned{step.size} << " bytes" << std::setw(5) << bits_of(step) << " bits  " << step.purpose << '\n';
  }
  const auto cost = cost_of(plan, is_broadcast);
  text << cost.transactions << " transactions, " << cost.bits << " bits: " << std::fixed << std::setprecision(1)  //
       << milliseconds(cost.time_at(100'000)) << " ms at 100 kHz, " << milliseconds(cost.time_at(50'000)) << " ms at 50 kHz\n";
  return text.str();
}

}  // namespace rbamp::protocol
