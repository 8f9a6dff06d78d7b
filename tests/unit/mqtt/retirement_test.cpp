#include "mqtt/retirement.hpp"

#include "house.hpp"
#include "mqtt/discovery.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

namespace {

const Topics topics{"rbamp", "homeassistant"};

DeviceDocument document(const std::string& variant) {
  return describe_module(topics, {"0.1.0"}, module_of(variant, "mains", "Mains"));
}

}  // namespace

TEST_CASE("nothing is retired while nothing is gone") {
  Retirement memory;
  CHECK(memory.update(document("UI2"), now_utc).empty());
  CHECK(memory.has_changed());
  memory.mark_stored();
  CHECK(memory.update(document("UI2"), now_utc).empty());
  CHECK_FALSE(memory.has_changed());
}

TEST_CASE("a component that is gone stays as a stub for thirty days, across restarts") {
  Retirement memory;
  CHECK(memory.update(document("UI2"), now_utc).empty());
  const auto stubs = memory.update(document("UI1"), now_utc);
  CHECK(stubs.size() == 7);
  CHECK(stubs.at("ch1_power") == "sensor");

  auto restarted = Retirement::from_text(memory.to_text());
  CHECK_FALSE(restarted.has_changed());
  CHECK(restarted.update(document("UI1"), now_utc + std::chrono::hours{24 * 30}) == stubs);
  CHECK(restarted.update(document("UI1"), now_utc + std::chrono::hours{24 * 30 + 1}).empty());
  CHECK(restarted.has_changed());
  CHECK(restarted.update(document("UI1"), now_utc).empty());
}

TEST_CASE("a component that comes back is no stub") {
  Retirement memory;
  CHECK(memory.update(document("UI2"), now_utc).empty());
  CHECK(memory.update(document("UI1"), now_utc).size() == 7);
  CHECK(memory.update(document("UI2"), now_utc).empty());
  CHECK(memory.update(document("UI1"), now_utc + std::chrono::hours{24 * 40}).size() == 7);
}

TEST_CASE("a clock that cannot be trusted lets nothing expire") {
  Retirement memory;
  CHECK(memory.update(document("UI2"), std::nullopt).empty());
  CHECK(memory.update(document("UI1"), std::nullopt).size() == 7);
  auto restarted = Retirement::from_text(memory.to_text());
  CHECK(restarted.update(document("UI1"), now_utc).size() == 7);
  CHECK(restarted.update(document("UI1"), now_utc + std::chrono::hours{24 * 29}).size() == 7);
  CHECK(restarted.update(document("UI1"), now_utc + std::chrono::hours{24 * 31}).empty());
}

TEST_CASE("what the broker still holds replaces a lost memory, but its stubs are not revived") {
  const auto held = to_payload(document("UI2"), {{"ch2_power", "sensor"}});
  Retirement memory;
  memory.learn("rbamp_mains", parse_components(held));
  const auto stubs = memory.update(document("UI1"), now_utc);
  CHECK(stubs.size() == 7);
  CHECK_FALSE(stubs.contains("ch2_power"));
}

TEST_CASE("a stub is a component with nothing but its platform, and never hides a live one") {
  const auto payload = to_payload(document("UI1"), {{"old", "number"}, {"voltage", "sensor"}});
  const auto components = parse_components(payload);
  CHECK(components.at("old").json == R"({"platform":"number"})");
  CHECK(components.at("voltage").unique_id == "rbamp_mains_voltage");
}

TEST_CASE("a damaged memory is an empty one") {
  for (const auto* text : {"", "null", "[]", "{", R"({"version":2,"devices":{}})", R"({"version":"1","devices":{}})",
                           R"({"version":1})", R"({"version":1,"devices":7})", R"({"version":1,"devices":{"a":7}})",
                           R"({"version":1,"devices":{"a":{"b":7}}})", R"({"version":1,"devices":{"a":{"b":{"platform":7}}}})"}) {
    CAPTURE(text);
    CHECK(Retirement::from_text(text).update(document("UI1"), now_utc).empty());
  }
}

TEST_CASE("a message that is none has no components") {
  for (const auto* text :
       {"", "7", "{}", R"({"components":7})", R"({"components":{"a":7}})", R"({"components":{"a":{"platform":1}}})"}) {
    CHECK(parse_components(text).empty());
  }
}
