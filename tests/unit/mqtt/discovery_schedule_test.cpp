#include "mqtt/discovery_schedule.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

constexpr BootTime start{1h};
using Names = std::vector<std::string>;

/// Sends whatever is due at each tenth of a second and returns when that was, in tenths.
std::vector<int> send_times(DiscoverySchedule& schedule, int tenths, const std::string& object_id) {
  std::vector<int> times;
  for (int i = 0; i <= tenths; ++i) {
    const BootTime now = start + i * 100ms;
    for (const auto& due : schedule.due(now, "bridge")) {
      if (due == object_id) times.push_back(i);
      schedule.sent(due, now);
    }
  }
  return times;
}

}  // namespace

TEST_CASE("a new device is sent at once, and once more after thirty seconds") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  CHECK(send_times(schedule, 1000, "a") == std::vector<int>{0, 300});
}

TEST_CASE("what the broker holds already is not repeated") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  schedule.note_held("a", "1");
  CHECK(send_times(schedule, 1000, "a") == std::vector<int>{0});
}

TEST_CASE("an unchanged description owes nothing") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  schedule.sent("a", start);
  schedule.set("a", "1");
  CHECK(schedule.due(start + 10s, "bridge").empty());
}

TEST_CASE("changes in quick succession are one message, five seconds after the last one, and a repeat") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  schedule.sent("a", start);
  schedule.set("a", "2");
  schedule.set("a", "3");
  CHECK(schedule.due(start + 4999ms, "bridge").empty());
  CHECK(schedule.next() == start + 5s);
  CHECK(send_times(schedule, 1000, "a") == std::vector<int>{50, 350});
  CHECK(schedule.payload("a") == "3");
}

TEST_CASE("no sequence of changes and reconnects sends a topic twice within five seconds") {
  DiscoverySchedule schedule;
  std::optional<BootTime> last;
  for (int i = 0; i < 2000; ++i) {
    const BootTime now = start + i * 70ms;
    if (i % 13 == 0) schedule.set("a", std::to_string(i));
    if (i % 37 == 0) schedule.owe_all(i % 2 == 0);
    for (const auto& due : schedule.due(now, "bridge")) {
      if (last) REQUIRE(now - *last >= 5s);
      last = now;
      schedule.sent(due, now);
    }
  }
}

TEST_CASE("the bridge goes first") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  schedule.set("bridge", "1");
  schedule.set("c", "1");
  CHECK(schedule.due(start, "bridge") == Names{"bridge", "a", "c"});
}

TEST_CASE("an emptied topic stays empty over changes and reconnects, until a birth") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  schedule.sent("a", start);
  schedule.discard("a");
  CHECK(schedule.is_discarded("a"));
  schedule.set("a", "2");
  schedule.owe_all(false);
  CHECK_FALSE(schedule.is_owing());
  CHECK(schedule.due(start + 1h, "bridge").empty());
  CHECK_FALSE(schedule.next());
  schedule.owe_all(true);
  CHECK(schedule.due(start + 1h, "bridge") == Names{"a"});
}

TEST_CASE("after a reconnect everything is owed until it is sent") {
  DiscoverySchedule schedule;
  schedule.set("a", "1");
  CHECK_FALSE(schedule.is_owing());
  schedule.owe_all(false);
  CHECK(schedule.is_owing());
  schedule.sent("a", start);
  CHECK_FALSE(schedule.is_owing());
}
