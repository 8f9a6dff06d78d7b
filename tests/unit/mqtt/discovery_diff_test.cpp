#include "mqtt/discovery_diff.hpp"

#include "house.hpp"
#include "mqtt/discovery.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using Kind = DiscoveryChange::Kind;

namespace {

const Topics topics{"rbamp", "homeassistant"};

DiscoverySet set_of(const std::vector<metering::ModuleDescription>& modules, const std::string& version = "0.1.0") {
  DiscoverySet set;
  for (const auto& module : modules) {
    const auto document = describe_module(topics, {version}, module);
    set.emplace(document.object_id, to_payload(document));
  }
  return set;
}

}  // namespace

TEST_CASE("an unchanged configuration changes nothing") {
  CHECK(compare(set_of({workshop()}), set_of({workshop()})).empty());
  CHECK(compare(set_of({workshop()}, "0.1.0"), set_of({workshop()}, "0.2.0")).empty());
}

TEST_CASE("a renamed channel updates its entities") {
  auto renamed = workshop();
  renamed.channels[0].name = "Lamps";
  const auto changes = compare(set_of({workshop()}), set_of({renamed}));
  REQUIRE(changes.size() == 7);
  for (const auto& change : changes) CHECK(change.kind == Kind::entity_changed);
  CHECK(changes[0].component == "lights_ct");
  CHECK(changes[1].component == "lights_current");
  CHECK(changes[1].detail.find("name: \"Lights current\" -> \"Lamps current\"") != std::string::npos);
}

TEST_CASE("a renamed module updates the device") {
  auto renamed = workshop();
  renamed.name = "Garage";
  const auto changes = compare(set_of({workshop()}), set_of({renamed}));
  REQUIRE_FALSE(changes.empty());
  CHECK(changes[0].kind == Kind::device_changed);
  CHECK(changes[0].detail == "device.name: \"Workshop meter\" -> \"Garage\"");
}

TEST_CASE("another channel id removes entities and adds others") {
  auto changed = workshop();
  changed.channels[0].id = "lamps";
  int removed = 0;
  int added = 0;
  for (const auto& change : compare(set_of({workshop()}), set_of({changed}))) {
    removed += change.kind == Kind::entity_removed ? 1 : 0;
    added += change.kind == Kind::entity_added ? 1 : 0;
  }
  CHECK(removed == 7);
  CHECK(added == 7);
}

TEST_CASE("a module that is added or left out is one line") {
  const auto both = set_of({workshop(), module_of("I1", "sub", "Sub")});
  const auto added = compare(set_of({workshop()}), both);
  REQUIRE(added.size() == 8);
  CHECK(added[0].kind == Kind::device_added);
  CHECK(to_string(added[0]) == "+ rbamp_sub: new device");
  CHECK(to_string(added[2]) == "+ rbamp_sub/ch0_current: new entity (rbamp_sub_ch0_current)");
  const auto left = compare(both, set_of({workshop()}));
  REQUIRE(left.size() == 1);
  CHECK(left[0].kind == Kind::device_left);
}

TEST_CASE("a stub counts as removed, and as nothing once it was one") {
  const auto document = describe_module(topics, {"0.1.0"}, module_of("UI1", "mains", "Mains"));
  const DiscoverySet plain{{"rbamp_mains", to_payload(document)}};
  const DiscoverySet with_stub{{"rbamp_mains", to_payload(document, {{"old", "sensor"}})}};
  CHECK(compare(plain, with_stub).empty());
  CHECK(compare(with_stub, plain).empty());
}

TEST_CASE("an entity with another unique id or platform under the same key is called replaced") {
  auto document = describe_module(topics, {"0.1.0"}, module_of("UI1", "mains", "Mains"));
  const DiscoverySet before{{"rbamp_mains", to_payload(document)}};
  document.components.at("voltage").json = R"({"platform":"sensor","unique_id":"other"})";
  const auto changes = compare(before, {{"rbamp_mains", to_payload(document)}});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == Kind::entity_replaced);
  CHECK(to_string(changes[0]) == "! rbamp_mains/voltage: entity is replaced, history is split (rbamp_mains_voltage -> other)");
}

TEST_CASE("messages that cannot be read count as absent") {
  const auto changes = compare({{"rbamp_workshop", "garbage"}}, set_of({workshop()}));
  REQUIRE_FALSE(changes.empty());
  CHECK(changes[0].kind == Kind::device_added);
}

TEST_CASE("a configuration's set is the daemon and its modules") {
  const auto set = discovery_set(topics, {"0.1.0"}, {workshop(), module_of("I1", "sub", "Sub")});
  CHECK(set.size() == 3);
  CHECK(set.contains("rbamp"));
  CHECK(set.contains("rbamp_sub"));
}
