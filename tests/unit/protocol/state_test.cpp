#include "protocol/state.hpp"

#include "hex.hpp"
#include "protocol/general_call.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::test::hex;
using namespace std::chrono_literals;

TEST_CASE("TV3: the health burst tells uptime and reset cause") {
  const auto health = decode_health(hex<10>("10 0E 00 00 | 02 | 00 00 | 00 | FF FF"));
  CHECK(health.uptime == 3600s);
  CHECK(health.reset_causes.has(ResetCause::power_on));
  CHECK_FALSE(health.reset_causes.has(ResetCause::watchdog));
  CHECK(health.bus_errors == 0);
  CHECK(health.bus_recoveries == 0);
  CHECK_FALSE(health.zero_crossing_offset);
}

TEST_CASE("health counters and the zero-crossing offset are little-endian") {
  const auto health = decode_health(hex<10>("04 03 02 01 | 08 | 34 12 | FF | 10 27"));
  CHECK(health.uptime == std::chrono::seconds{0x01020304});
  CHECK(health.bus_errors == 0x1234);
  CHECK(health.bus_recoveries == 0xFF);
  CHECK(health.zero_crossing_offset == 10'000us);
  CHECK(to_string(health.reset_causes) == "watchdog");
}

TEST_CASE("TV3: a freshly booted healthy module is ready and has its reset pending") {
  const auto state = decode_state(hex<8>("05 00 00 04 00 00 00 00"));
  CHECK(state.status.has(StatusBit::ready));
  CHECK(state.status.has(StatusBit::events_pending));
  CHECK_FALSE(state.status.has(StatusBit::error));
  CHECK(state.error == ErrorCode::ok);
  CHECK(state.version == 0x04);
  CHECK_FALSE(state.is_period_valid);
  CHECK(to_string(state.status) == "ready, events pending");
}

TEST_CASE("a virgin module shows its blank flash") {
  const auto state = decode_state(hex<8>("07 00 FB 04 00 00 00 00"));
  CHECK(state.status.raw() == 0x07);
  CHECK(state.error == ErrorCode::flash_params_bad);
}

TEST_CASE("PERIOD_VALID is bit 0, other bits of the byte do not count") {
  CHECK(decode_state(hex<8>("01 00 00 04 00 03 00 01")).is_period_valid);
  CHECK_FALSE(decode_state(hex<8>("01 00 00 04 00 03 00 FE")).is_period_valid);
  CHECK(decode_state(hex<8>("01 00 00 04 00 03 00 01")).staged_ct_model == 3);
}

TEST_CASE("the evidence burst puts every register where the map has it") {
  // Distinct bytes: value = register address, except where a meaning needs another one.
  EvidenceBytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.at(i) = static_cast<std::uint8_t>(0x2A + i);
  const auto evidence = decode_evidence(bytes);
  CHECK(evidence.events.raw() == 0x2A);
  CHECK(evidence.event_mask.raw() == 0x2B);
  CHECK(evidence.threshold_current_raw == 0x2D2C);
  CHECK(evidence.threshold_power_raw == 0x2F2E);
  CHECK(evidence.address == I2cAddress{0x30});
  CHECK(evidence.health.uptime == std::chrono::seconds{0x49484746});
  CHECK(evidence.health.reset_causes.raw() == 0x4A);
  CHECK(evidence.health.bus_errors == 0x4C4B);
  CHECK(evidence.health.bus_recoveries == 0x4D);
  CHECK(evidence.health.zero_crossing_offset == std::chrono::microseconds{0x4F4E});
  CHECK(evidence.ct_models == std::array<std::uint8_t, 3>{0x51, 0x52, 0x53});
  CHECK(evidence.product == 0x54);
  CHECK(evidence.variant_code == 0x55);
  CHECK(evidence.tier.raw() == 0x56);
  CHECK(evidence.capabilities.raw() == 0x5857);
  CHECK(evidence.gc_tick == 0x5A59);
}

TEST_CASE("TV3: the event flag of a boot is RESET_OCCURRED") {
  EvidenceBytes bytes{};
  bytes[0] = 0x20;
  const auto evidence = decode_evidence(bytes);
  CHECK(evidence.events.has(Event::reset_occurred));
  CHECK_FALSE(evidence.events.has(Event::period_ready));
  CHECK(to_string(evidence.events) == "reset occurred");
}

TEST_CASE("TV7: broadcast frames and their witness are byte-exact") {
  CHECK(encode_latch_frame(0, 42) == hex<5>("A5 27 00 2A 00"));
  CHECK(encode_latch_frame(3, 0x1234) == hex<5>("A5 27 03 34 12"));
  CHECK(decode_gc_tick(hex<2>("2A 00")) == 42);
  CHECK(decode_gc_tick(hex<2>("FF FF")) == no_gc_tick);
}

TEST_CASE("ticks wrap past the sentinel and never equal it") {
  CHECK(next_gc_tick(0) == 1);
  CHECK(next_gc_tick(0xFFFD) == 0xFFFE);
  CHECK(next_gc_tick(0xFFFE) == 0);
  CHECK(next_gc_tick(0xFFFF) == 0);
}

TEST_CASE("flags without a name are shown, not swallowed") {
  CHECK(to_string(Events{0xC1}) == "period ready, bit 6, bit 7");
  CHECK(to_string(Events{}) == "none");
  CHECK(to_string(Capabilities{0x069E}) ==
        "broadcast latch, broadcast groups, digest, events, two-phase address change, saved configuration, clear error");
  CHECK((Events{Event::error} | Event::period_ready).raw() == 0x09);
}

TEST_CASE("every error code has words, an advice and a recovery") {
  CHECK(recovery_for(ErrorCode::ok) == Recovery::none);
  CHECK(recovery_for(ErrorCode::clone) == Recovery::out_of_service);
  CHECK(recovery_for(ErrorCode::lut_bad) == Recovery::degrade);
  CHECK(recovery_for(ErrorCode::flash_params_bad) == Recovery::provision);
  CHECK(recovery_for(ErrorCode::not_ready) == Recovery::wait);
  CHECK(recovery_for(ErrorCode::sensor_overflow) == Recovery::clear);
  CHECK(recovery_for(ErrorCode::param) == Recovery::clear);
  CHECK(recovery_for(ErrorCode::unhandled) == Recovery::clear_then_reset);
  CHECK_FALSE(is_billable(ErrorCode::clone));
  CHECK_FALSE(is_billable(ErrorCode::lut_bad));
  CHECK_FALSE(is_billable(ErrorCode::sensor_overflow));
  CHECK(is_billable(ErrorCode::param));
  const auto later = static_cast<ErrorCode>(0x42);
  CHECK(recovery_for(later) == Recovery::clear_then_reset);
  CHECK_FALSE(is_billable(later));
  CHECK(to_string(later) == "unknown error code");
  CHECK(to_string(ErrorCode::param) == "write or command refused");
  CHECK_FALSE(advice_for(later).empty());
}
