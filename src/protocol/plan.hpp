// What is read after a latch, as data: the fewest transactions that prove the period and say whether the module was reset.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/registers.hpp"

namespace rbamp::protocol {

enum class StepKind : std::uint8_t { read, write };

struct Step {
  reg::Address start;
  std::uint8_t size;  ///< bytes read, or data bytes written
  StepKind kind;
  bool broadcast_only;  ///< left out when the latch was a direct one
  std::string_view purpose;
};

/// In order, to be run 50 ms after the latch. Protocol 10.2 steps 3 to 9, merged into bursts; why this and no other split:
/// docs/decisions/bus-read-plan.md.
[[nodiscard]] std::span<const Step> latch_plan();
/// The same with the ranges of protocol 10.2 taken apart: fewer bits, more transactions. For comparison.
[[nodiscard]] std::span<const Step> split_latch_plan();

struct PlanCost {
  std::size_t transactions = 0;
  std::uint32_t bits = 0;
  /// Time on the wire with a gap of 100 µs after each transaction (protocol 2).
  [[nodiscard]] std::chrono::microseconds time_at(std::uint32_t hertz) const;
};
[[nodiscard]] PlanCost cost_of(std::span<const Step> plan, bool is_broadcast);
/// A table for people: one line per step, and the sum at 50 and 100 kHz.
[[nodiscard]] std::string to_text(std::span<const Step> plan, bool is_broadcast);

}  // namespace rbamp::protocol
