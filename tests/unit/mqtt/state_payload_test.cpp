#include "mqtt/state_payload.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "house.hpp"
#include "mqtt/number_text.hpp"
#include "mqtt/time_text.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

TEST_CASE("the daemon's state says when it started and whether all is well") {
  CHECK(daemon_state_payload(daemon_state(1)) ==
        R"({"started":"2026-01-05T08:00:00Z","modules_online":1,"bus_errors":0,"problem":false,"problem_text":null})");
  auto state = daemon_state(0, "bus \"main\" is\nwedged");
  state.bus_errors = 12;
  CHECK(
      daemon_state_payload(state) ==
      R"({"started":"2026-01-05T08:00:00Z","modules_online":0,"bus_errors":12,"problem":true,"problem_text":"bus \"main\" is\nwedged"})");
}

TEST_CASE("live values are rounded to what the hardware delivers") {
  const auto reading = workshop_reading();
  CHECK(module_state_payload(reading) == R"({"voltage":230.4,"frequency":49.98,"last_read":"2026-01-05T09:00:00Z"})");
  CHECK(channel_state_payload(reading.channels[0]) ==
        R"({"current":1.520,"power":348.2,"reactive_power":-21.4,"power_factor":0.990})");
}

TEST_CASE("a message carries every key, and null for what is not measured") {
  const auto reading = workshop_reading();
  CHECK(channel_state_payload(reading.channels[1]) ==
        R"({"current":0.000,"power":0.0,"reactive_power":0.0,"power_factor":null})");
  CHECK(channel_state_payload({}) == R"({"current":null,"power":null,"reactive_power":null,"power_factor":null})");
  metering::Reading without_voltage;
  without_voltage.utc = now_utc;
  CHECK(module_state_payload(without_voltage) == R"({"voltage":null,"frequency":null,"last_read":"2026-01-05T09:00:00Z"})");
}

TEST_CASE("a value that is no number is null") {
  metering::ChannelReading reading;
  reading.current = Amperes{std::numeric_limits<double>::quiet_NaN()};
  reading.active_power = Watts{std::numeric_limits<double>::infinity()};
  CHECK(channel_state_payload(reading) == R"({"current":null,"power":null,"reactive_power":null,"power_factor":null})");
}

TEST_CASE("an event says what happened, where, when, and what was measured") {
  metering::Event event;
  event.module_id = "workshop";
  event.channel_id = "lights";
  event.kind = metering::EventKind::turn_on;
  event.utc = now_utc;
  event.text = "2000 W turned on, now \"2100\" W";
  event.values.power = Watts{2100.0};
  event.values.delta = Watts{2000.04};
  event.values.average = Watts{100.0};
  CHECK(
      event_payload(event) ==
      R"({"event_type":"turn_on","text":"2000 W turned on, now \"2100\" W","time":"2026-01-05T09:00:00.000Z","channel":"lights","power":2100.0,"delta":2000.0,"average":100.0})");
  metering::Event reset;
  reset.utc = now_utc;
  reset.text = "x";
  CHECK(event_payload(reset) == R"({"event_type":"module_reset","text":"x","time":"2026-01-05T09:00:00.000Z"})");
}

TEST_CASE("demand is watts, and null where there is none yet") {
  metering::DemandReport report{"workshop", "lights", std::chrono::minutes{15}, {Watts{1000.04}, Watts{2000.0}, {}, {}}};
  CHECK(demand_payload(report) ==
        R"({"window_s":900,"demand":1000.0,"forecast":2000.0,"last":null,"peak":null,"peak_begin":null})");
  report.reading.last = Watts{500.0};
  report.reading.peak = metering::DemandPeak{672, Watts{4321.05}, now_utc};
  CHECK(demand_payload(report) ==
        R"({"window_s":900,"demand":1000.0,"forecast":2000.0,"last":500.0,"peak":4321.1,"peak_begin":"2026-01-05T09:00:00Z"})");
}

TEST_CASE("registers are kWh with three places and the moment they were made") {
  CHECK(energy_payload({1234567, 12, counters_made}) == R"({"import":1234.567,"export":0.012,"since":"2025-11-03T12:00:00Z"})");
}

TEST_CASE("a registers' message is read back as it was written") {
  const ShownRegisters shown{1234567, 12, counters_made};
  CHECK(parse_energy(energy_payload(shown)) == shown);
  std::mt19937_64 random{3};
  std::uniform_int_distribution<std::int64_t> watt_hours{0, 4'000'000'000'000};
  for (int i = 0; i < 5000; ++i) {
    const ShownRegisters any{watt_hours(random), watt_hours(random) % 1000, counters_made + std::chrono::seconds{i * 7919}};
    CHECK(parse_energy(energy_payload(any)) == any);
  }
}

TEST_CASE("a registers' message that we cannot have written is not believed") {
  CHECK_FALSE(parse_energy(""));
  CHECK_FALSE(parse_energy("[]"));
  CHECK_FALSE(parse_energy("{\"import\":1,"));
  CHECK_FALSE(parse_energy(R"({"import":1.0,"export":0.0})"));
  CHECK_FALSE(parse_energy(R"({"import":"1.0","export":0.0,"since":"2025-11-03T12:00:00Z"})"));
  CHECK_FALSE(parse_energy(R"({"import":-1.0,"export":0.0,"since":"2025-11-03T12:00:00Z"})"));
  CHECK_FALSE(parse_energy(R"({"import":1e300,"export":0.0,"since":"2025-11-03T12:00:00Z"})"));
  CHECK_FALSE(parse_energy(R"({"import":null,"export":0.0,"since":"2025-11-03T12:00:00Z"})"));
  CHECK_FALSE(parse_energy(R"({"import":1.0,"export":0.0,"since":"2025-11-03T12:00:00"})"));
  CHECK_FALSE(parse_energy(R"({"import":1.0,"export":0.0,"since":1762171200})"));
}

TEST_CASE("a period says what it covers and what it booked") {
  const auto minute = workshop_minute(0);
  CHECK(period_payload(minute.postings[0]) ==
        R"({"begin":"2026-01-05T08:59:00.000Z","end":"2026-01-05T09:00:00.000Z","dt_s":60.000,"power":348.2,)"
        R"("import_wh":5.803333,"export_wh":0.000000,"quality":"measured","export_quality":"measured","export_source":"none"})");
}

TEST_CASE("the mean power of a period is import less export") {
  auto posting = workshop_minute(0).postings[0];
  posting.energy_import = MicroWattHours{1'000'000};
  posting.energy_export = MicroWattHours{2'000'000};
  CHECK(nlohmann::json::parse(period_payload(posting))["power"] == -60.0);
}

TEST_CASE("nobody knows the power of a gap, and an adjustment has none") {
  auto posting = workshop_minute(0).postings[0];
  posting.quality = metering::Quality::gap;
  posting.energy_import = MicroWattHours{};
  CHECK(nlohmann::json::parse(period_payload(posting))["power"].is_null());
  posting.quality = metering::Quality::adjustment;
  posting.span.length = {};
  CHECK(nlohmann::json::parse(period_payload(posting))["power"].is_null());
  CHECK(nlohmann::json::parse(period_payload(posting))["quality"] == "adjustment");
}

TEST_CASE("times are read with any zone, and only with one") {
  CHECK(parse_rfc3339("2026-01-05T09:00:00Z") == now_utc);
  CHECK(parse_rfc3339("2026-01-05T09:00:00+00:00") == now_utc);
  CHECK(parse_rfc3339("2026-01-05T10:00:00+01:00") == now_utc);
  CHECK(parse_rfc3339("2026-01-05T05:30:00-03:30") == now_utc);
  CHECK(parse_rfc3339("2026-01-05T09:00:00.250Z") == now_utc);
  for (const auto* text : {"", "2026", "2026-01-05T09:00:00", "2026-02-30T09:00:00Z", "2026-01-05T24:00:00Z",
                           "2026-01-05T09:60:00Z", "2026-01-05T09:00:00Zx", "2026-01-05T09:00:00.Z", "2026-13-05T09:00:00Z",
                           "2026-01-05T09:00:00+25:00", "x026-01-05T09:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}
