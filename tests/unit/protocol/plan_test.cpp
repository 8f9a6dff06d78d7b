#include "protocol/plan.hpp"

#include <algorithm>

#include "protocol/snapshot.hpp"
#include "protocol/state.hpp"
#include "support/catch.hpp"

using namespace rbamp::protocol;
using namespace std::chrono_literals;

namespace {

bool reads(std::span<const Step> plan, reg::Address address, std::size_t bytes, bool is_broadcast) {
  return std::ranges::any_of(plan, [&](const Step& step) {
    return step.kind == StepKind::read && (is_broadcast || !step.broadcast_only) && step.start <= address &&
           step.start + step.size >= address + bytes;
  });
}

}  // namespace

TEST_CASE("a proven latch fits seven transactions and 20 ms at 100 kHz") {
  for (const bool is_broadcast : {false, true}) {
    const auto cost = cost_of(latch_plan(), is_broadcast);
    CHECK(cost.transactions <= 7);
    CHECK(cost.time_at(100'000) <= 20ms);
  }
}

TEST_CASE("the plan proves what it must: reset, validity, witness, snapshot twice, acknowledge") {
  const auto plan = latch_plan();
  for (const bool is_broadcast : {false, true}) {
    CHECK(reads(plan, reg::event_flags, 1, is_broadcast));
    CHECK(reads(plan, reg::uptime_s, 5, is_broadcast));
    CHECK(reads(plan, reg::period_valid, 1, is_broadcast));
    CHECK(reads(plan, reg::error, 1, is_broadcast));
  }
  const auto times = [&plan](reg::Address address, std::size_t bytes) {
    return std::ranges::count_if(plan, [&](const Step& step) {
      return step.kind == StepKind::read && step.start <= address && step.start + step.size >= address + bytes;
    });
  };
  CHECK(times(reg::gc_tick, 2) == 2);
  CHECK(times(reg::period_avg_p, 8) == 2);
  CHECK(times(reg::period_latch_ms, 4) == 2);
  CHECK(times(reg::period_commit_cnt, 18) == 2);
  REQUIRE(plan.back().kind == StepKind::write);
  CHECK(plan.back().start == reg::event_flags);
}

TEST_CASE("no read starts at the capture window, which is another register file") {
  for (const auto& step : latch_plan()) CHECK(step.start != reg::capture_window);
  for (const auto& step : split_latch_plan()) CHECK(step.start != reg::capture_window);
}

TEST_CASE("costs follow the wire: 30 + 9n bits for a read, 29 for a write, and the gaps") {
  const auto broadcast = cost_of(latch_plan(), true);
  CHECK(broadcast.transactions == 6);
  CHECK(broadcast.bits == 102 + 471 + 480 + 480 + 48 + 29);
  CHECK(broadcast.time_at(100'000) == 16'100us + 600us);
  CHECK(broadcast.time_at(50'000) == 32'200us + 600us);
  const auto direct = cost_of(latch_plan(), false);
  CHECK(direct.transactions == 5);
  CHECK(direct.bits == broadcast.bits - 48);
}

TEST_CASE("taking the ranges apart breaks the limit of seven transactions") {
  CHECK(cost_of(split_latch_plan(), true).transactions == 12);
  CHECK(cost_of(split_latch_plan(), false).transactions == 10);
}

TEST_CASE("the plan prints itself with its sum") {
  const auto text = to_text(latch_plan(), true);
  CHECK(text.find("read  0x2A..0x5A  49 bytes  471 bits") != std::string::npos);
  CHECK(text.find("6 transactions, 1610 bits: 16.7 ms at 100 kHz, 32.8 ms at 50 kHz") != std::string::npos);
}
