#include "commissioning/error_clearing.hpp"

#include "bench.hpp"
#include "commissioning/waveform.hpp"

using namespace rbamp;
using namespace rbamp::commissioning;
using namespace rbamp::commissioning::test;
using protocol::ErrorCode;

namespace {

simulator::Fault state_fault(int code) {
  auto made = fault(FaultKind::error_state);
  made.code = code;
  return made;
}

}  // namespace

TEST_CASE("an error whose cause is gone is cleared, with its flag") {
  Bench bench{{module_at(0x50)}};
  bench.clock().advance(1s);
  bench.world().inject_now(state_fault(0xFF));
  const auto clearing = clear_error(bench.link()).value();
  CHECK(clearing.before == ErrorCode::unhandled);
  CHECK(clearing.events_before.has(protocol::Event::error));
  CHECK(clearing.after == ErrorCode::ok);
  CHECK(!clearing.came_back);
  CHECK(!protocol::Events{bench.world().state(0).event_flags}.has(protocol::Event::error));
  CHECK(protocol::Events{bench.world().state(0).event_flags}.has(protocol::Event::reset_occurred));
}

TEST_CASE("an error whose cause persists comes back, and that is told") {
  auto settings = world_of({module_at(0x50)});
  settings.faults.push_back(fault(FaultKind::overload));
  Bench bench{settings};
  bench.clock().advance(1s);
  const auto clearing = clear_error(bench.link()).value();
  CHECK(clearing.before == ErrorCode::sensor_overflow);
  CHECK(clearing.came_back);
}

TEST_CASE("where nothing is wrong nothing is written, and lost settings are not hidden") {
  Bench bench{{module_at(0x51), virgin_module()}};
  bench.clock().advance(1s);
  CHECK(!clear_error(bench.link(0x51)).value().came_back);
  CHECK(bench.writes(0) == 0);
  const auto blank = clear_error(bench.link(0x50));
  REQUIRE(!blank);
  CHECK(blank.error().is(Errc::request_invalid));
  CHECK(contains(blank.error().detail, "rbampctl provision 0x50"));
  CHECK(bench.writes(1) == 0);
}

TEST_CASE("a captured wave has the form and the size of its current") {
  Bench bench{{module_at(0x50, Variant::ui1, 3450.0)}};  // 15 A of 30 A
  bench.clock().advance(1s);
  const auto wave = capture(bench.link());
  if (!wave) FAIL(wave.error().detail);
  CHECK(wave->highest > 2900);
  CHECK(wave->lowest < 1100);
  CHECK(wave->clipped == 0);
  CHECK(wave->codes[0] == 2048);
  CHECK(wave->codes[255] != 0);
}

TEST_CASE("samples at the ends of the converter count as clipped") {
  std::array<std::uint16_t, protocol::capture_samples> codes{};
  codes.fill(2048);
  codes[3] = 4095;
  codes[4] = 0;
  const auto wave = waveform_of(codes);
  CHECK(wave.clipped == 2);
  CHECK(wave.highest == 4095);
  CHECK(wave.lowest == 0);
  CHECK(wave.centre == Approx(2048.0).epsilon(0.01));
}
