// What well-formed configurations mean.
#include <string>

#include "base/local_time.hpp"
#include "config/broker_url.hpp"
#include "config/duration.hpp"
#include "problems.hpp"
#include "support/catch.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;

Config good(std::string_view text) {
  auto loaded = parse(text, "test.toml");
  for (const auto& problem : loaded.problems) FAIL_CHECK(to_string(problem));
  return std::move(loaded.config);
}

TEST_CASE("every key reaches its place in the structs") {
  const auto config = good(R"(
[daemon]
period = "15m"
timezone = "Europe/Berlin"
log_level = "trace"
[storage]
path = "/srv/energy.db"
raw_retention = "30d"
quarter_hour_retention = "2y"
[mqtt]
broker = "mqtts://broker.example:8884"
client_id = "meter"
username = "u"
password_file = "/etc/rbampd/password"
ca_file = "/etc/ca.pem"
cert_file = "/etc/cert.pem"
key_file = "/etc/key.pem"
base_topic = "house/rbamp"
live_interval = "0s"
[homeassistant]
discovery = false
prefix = "ha"
birth_topic = "ha/birth"
birth_payload = "up"
[[bus]]
name = "attic"
device = "/dev/i2c-7"
latch = "sequential"
drdy = { line = "GPIO15" }
[[module]]
id = "roof"
bus = "attic"
address = 0x51
name = "Roof"
role = "solar"
uid = "00112233445566778899AABB"
[[module.channel]]
index = 2
id = "east"
name = "East"
invert = true
[[module]]
id = "lights"
bus = "attic"
address = 0x52
voltage_from = "roof"
power_factor = 0.8
drdy = { chip = "gpiochip4", line = 16 }
)");
  CHECK(config.daemon == Daemon{15min, "Europe/Berlin", LogLevel::trace});
  CHECK(config.storage == Storage{"/srv/energy.db", 30 * 24h, 2 * 365 * 24h});
  REQUIRE(config.mqtt);
  CHECK(*config.mqtt == Mqtt{"mqtts://broker.example:8884", "meter", "u", "/etc/rbampd/password", "/etc/ca.pem", "/etc/cert.pem",
                             "/etc/key.pem", false, "house/rbamp", 0s});
  CHECK(config.homeassistant == HomeAssistant{false, "ha", "ha/birth", "up"});
  REQUIRE(config.buses.size() == 1);
  CHECK(config.buses[0] ==
        Bus{"attic", BusDriver::i2c_dev, "/dev/i2c-7", LatchMode::sequential, DrdyLine{"", std::nullopt, "GPIO15"}});
  REQUIRE(config.modules.size() == 2);
  CHECK(config.modules[1].voltage_from == "roof");
  CHECK(config.modules[1].power_factor == 0.8);
  CHECK(config.modules[1].drdy == DrdyLine{"gpiochip4", 16, ""});
  CHECK(config.modules[0] == Module{"roof",
                                    "attic",
                                    I2cAddress{0x51},
                                    "Roof",
                                    metering::Role::solar,
                                    ModuleUid::parse("00112233445566778899aabb"),
                                    {Channel{ChannelIndex{2}, "east", "East", true}}});
}

TEST_CASE("every key of events and demand reaches its place") {
  const auto config = good(R"(
[events]
power_step = 0
step_spacing = "5m"
over_voltage = 132
under_voltage = 108.5
frequency_deviation = 0.2
sample_interval = "500ms"
[demand]
window = "30m"
scope = "all"
)");
  CHECK(config.events == metering::EventSettings{Watts{0.0}, 5min, Volts{132.0}, Volts{108.5}, Hertz{0.2}, 500ms});
  CHECK(config.demand == Demand{30min, DemandScope::all});
}

TEST_CASE("every key of the simulator reaches its place") {
  const auto config = good(R"(
[[bus]]
driver = "simulator"
[simulator]
seed = 7
mains_voltage = 231
mains_frequency = 60.0
bus_speed_hz = 400000
general_call = false
smbus_only = true
time_scale = 10
state_file = "/tmp/state"
[[simulator.module]]
bus = "main"
address = "0x52"
variant = "UI3"
label = "KITCHEN"
virgin = true
plugged = false
uid = "000000000000000000000001"
broadcast = true
group = 3
firmware = "1.2"
tier = "standard"
export_register = 0xF0
chip_clock = 0.71
[[simulator.module.load]]
shape = "square"
power_w = 2000
low_w = -10.5
period = "3s"
duty = 0.25
power_factor = -0.9
offset_w = 5
[[simulator.module.load]]
shape = "sine"
power_w = 100
amplitude_w = 50
period = "1m"
[[simulator.module.load]]
shape = "file"
file = "/srv/load.csv"
[[simulator.foreign]]
kind = "dimmer"
address = 0x60
)");
  Simulator expected{7, 231.0, 60.0, 400'000, false, true, 10.0, "/tmp/state", {}, {}, {}};
  SimulatedModule module{
      "main", I2cAddress{0x52}, "UI3", "KITCHEN", "000000000000000000000001", true, false, true, 3, "1.2", "standard", 0xF0, 0.71,
      {}};
  using Shape = SimulatedLoad::Shape;
  module.loads.push_back(SimulatedLoad{Shape::square, 2000.0, -10.5, 0.0, 3s, 0.25, -0.9, 5.0, ""});
  module.loads.push_back(SimulatedLoad{Shape::sine, 100.0, 0.0, 50.0, 60s, 0.5, 1.0, 0.0, ""});
  module.loads.push_back(SimulatedLoad{Shape::file, 0.0, 0.0, 0.0, 10s, 0.5, 1.0, 0.0, "/srv/load.csv"});
  expected.modules.push_back(module);
  expected.foreigners.push_back({"dimmer", "main", I2cAddress{0x60}});
  CHECK(config.simulator == expected);
}

TEST_CASE("durations are a whole number and a unit") {
  CHECK(parse_duration("200ms") == Microseconds{200ms});
  CHECK(parse_duration("60s") == Microseconds{60s});
  CHECK(parse_duration("15m") == Microseconds{15min});
  CHECK(parse_duration("1h") == Microseconds{1h});
  CHECK(parse_duration("90d") == Microseconds{90 * 24h});
  CHECK(parse_duration("2w") == Microseconds{14 * 24h});
  CHECK(parse_duration("5y") == Microseconds{5 * 365 * 24h});
  CHECK(parse_duration("0s") == Microseconds{0});
  for (const auto* text : {"", "60", "s", "60 s", " 60s", "60s ", "-1s", "-0s", "+1s", "1.5h", "1h30m", "60S", "60sec",
                           "9223372036854775807s", "99999999999999999999s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("a duration is shown in a form that can be written") {
  CHECK(duration_to_string(90s) == "90s");
  CHECK(duration_to_string(60s) == "1m");
  CHECK(duration_to_string(1h) == "1h");
  CHECK(duration_to_string(14 * 24h) == "14d");
  CHECK(duration_to_string(365 * 24h) == "1y");
  CHECK(duration_to_string(200ms) == "200ms");
  CHECK(duration_to_string(0s) == "0s");
  for (const Microseconds value : {Microseconds{90s}, Microseconds{90 * 24h}, Microseconds{250ms}}) {
    CHECK(parse_duration(duration_to_string(value)) == value);
  }
}

TEST_CASE("an address may be written in hexadecimal or decimal, with or without quotes") {
  for (const auto* form : {"0x50", "80", "\"0x50\"", "\"80\"", "\"0X50\"", "0b1010000"}) {
    INFO(form);
    CHECK(good("[[module]]\nid = \"a\"\naddress = " + std::string{form}).modules.at(0).address == default_module_address);
  }
}

TEST_CASE("broker URLs give host, port and TLS") {
  const auto url = [](std::string_view text) {
    const auto parsed = parse_broker_url(text);
    REQUIRE(parsed);
    return std::to_string(static_cast<int>(parsed->is_tls)) + " " + parsed->host + " " + std::to_string(parsed->port);
  };
  CHECK(url("mqtt://localhost") == "0 localhost 1883");
  CHECK(url("mqtts://localhost") == "1 localhost 8883");
  CHECK(url("mqtt://broker.lan:1884") == "0 broker.lan 1884");
  CHECK(url("mqtt://broker.lan/") == "0 broker.lan 1883");
  CHECK(url("mqtts://[fd00::1]") == "1 fd00::1 8883");
  CHECK(url("mqtts://[fe80::1%eth0]:65535") == "1 fe80::1%eth0 65535");
  for (const auto* text :
       {"", "localhost", "mqtt:localhost", "tcp://localhost", "mqtt://", "mqtt://:1883", "mqtt://h:", "mqtt://h:0",
        "mqtt://h:65536", "mqtt://h:1x", "mqtt://h:-1", "mqtt://h/path", "mqtt://h?x", "mqtt://a b", "mqtt://fd00::1",
        "mqtt://[fd00::1", "mqtt://[]", "mqtt://[::1]x", "mqtt://user:secret@h"}) {
    INFO(text);
    const auto parsed = parse_broker_url(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().is(Errc::config_invalid));
    CHECK(parsed.error().detail.find("secret") == std::string::npos);
  }
}

TEST_CASE("names follow from what is known: the id names the module, the module its channels") {
  const auto config = good(R"(
[[module]]
id = "mains"
address = 0x50
[[module.channel]]
index = 1
[[module]]
id = "flats"
address = 0x51
name = "Flats"
[[module.channel]]
index = 0
[[module.channel]]
index = 2
[[module]]
id = "bare"
address = 0x52
)");
  REQUIRE(config.modules.size() == 3);
  CHECK(config.modules[0].name == "mains");
  CHECK(config.modules[0].channels.at(0) == Channel{ChannelIndex{1}, "ch1", "mains", false});
  CHECK(config.modules[1].channels.at(0) == Channel{ChannelIndex{0}, "ch0", "Flats 1", false});
  CHECK(config.modules[1].channels.at(1) == Channel{ChannelIndex{2}, "ch2", "Flats 3", false});
  CHECK(config.modules[2].channels.empty());
}

TEST_CASE("a module that names no bus is on the only one, whatever that is called") {
  CHECK(good("[[bus]]\nname = \"usb\"\n[[module]]\nid = \"a\"\naddress = 80").modules.at(0).bus == "usb");
  CHECK(good("[[module]]\nid = \"a\"\naddress = 80").modules.at(0).bus == "main");
  const auto mixed = good(R"(
[[bus]]
name = "main"
[[bus]]
name = "demo"
driver = "simulator"
[[simulator.module]]
address = 80
)");
  CHECK(mixed.simulator.modules.at(0).bus == "demo");
}

TEST_CASE("a fault script has times since the begin or absolute ones, and what each kind needs") {
  const auto faults = good(R"(
[[bus]]
name = "main"
driver = "simulator"
[[simulator.module]]
address = 0x51
[[simulator.fault]]
kind = "power_cycle"
at = "90s"
for = "2m"
module = 0x51
[[simulator.fault]]
kind = "nack_address"
at = 2026-01-05T11:00:00.250+01:00
bus = "main"
value = 0.2
[[simulator.fault]]
kind = "adapter_error"
code = 121
[[simulator.fault]]
kind = "replace_chip"
uid = "0123456789abcdef01234567"
)")
                          .simulator.faults;
  REQUIRE(faults.size() == 4);
  CHECK(faults[0].at == std::chrono::seconds{90});
  CHECK(faults[0].lasting == std::chrono::minutes{2});
  CHECK(faults[0].module == I2cAddress{0x51});
  CHECK_FALSE(faults[0].at_utc);
  CHECK(faults[1].at_utc == UtcTime{std::chrono::milliseconds{1'767'607'200'250}});
  CHECK(faults[1].value == 0.2);
  CHECK(faults[1].bus == "main");
  CHECK(faults[2].code == 121);
  CHECK(faults[3].uid == "0123456789abcdef01234567");
}

TEST_CASE("the birth topic follows the prefix unless it is given") {
  CHECK(good("[homeassistant]\nprefix = \"ha\"").homeassistant.birth_topic == "ha/status");
  CHECK(good("[homeassistant]\nprefix = \"ha\"\nbirth_topic = \"x/y\"").homeassistant.birth_topic == "x/y");
}

TEST_CASE("the broker is verified unless the key that is named for it says otherwise") {
  CHECK_FALSE(good("[mqtt]\nbroker = \"mqtts://a\"").mqtt->insecure_skip_tls_verify);
  CHECK_FALSE(
      good("[mqtt]\nbroker = \"mqtts://a\"\nca_file = \"/c\"\ninsecure_skip_tls_verify = false").mqtt->insecure_skip_tls_verify);
  CHECK_FALSE(good("[mqtt]\ninsecure_skip_tls_verify = false").mqtt->insecure_skip_tls_verify);
  const auto config =
      good("[mqtt]\nbroker = \"mqtts://a\"\ncert_file = \"/c\"\nkey_file = \"/k\"\ninsecure_skip_tls_verify = true");
  CHECK(config.mqtt->insecure_skip_tls_verify);
  CHECK(config.mqtt->cert_file == "/c");
}

TEST_CASE("an empty [mqtt] turns MQTT on with its defaults") {
  CHECK(good("[mqtt]").mqtt == Mqtt{});
  CHECK_FALSE(good("[homeassistant]\ndiscovery = true").mqtt.has_value());
}

TEST_CASE("the same address may be used on two buses") {
  const auto config = good(R"(
[[bus]]
name = "a"
[[bus]]
name = "b"
device = "/dev/i2c-2"
[[module]]
id = "one"
bus = "a"
address = 0x50
[[module]]
id = "two"
bus = "b"
address = 0x50
)");
  CHECK(config.modules.size() == 2);
}

TEST_CASE("entries may be written as inline tables, and names may be in any script") {
  const auto config = good("module = [{ id = \"k\", address = 80, name = \"Küche ☕\", channel = [{ index = 0 }] }]");
  REQUIRE(config.modules.size() == 1);
  CHECK(config.modules[0].name == "Küche ☕");
  CHECK(config.modules[0].channels.at(0).name == "Küche ☕");
}

}  // namespace
}  // namespace rbamp::config
