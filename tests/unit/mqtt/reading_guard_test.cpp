#include "mqtt/reading_guard.hpp"

#include <random>

#include "house.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

namespace {

constexpr const char* topic = "rbamp/workshop/lights/energy";
constexpr std::int64_t wh = 1'000'000;

}  // namespace

TEST_CASE("what is committed is what is shown") {
  ReadingGuard guard;
  const auto first = guard.admit(topic, registers("lights", 5 * wh, 1 * wh));
  CHECK(first.shown == ShownRegisters{5, 1, counters_made});
  CHECK_FALSE(first.is_held);
  CHECK(guard.admit(topic, registers("lights", 9 * wh, 1 * wh)).shown.import_wh == 9);
}

TEST_CASE("a ledger that is behind the broker does not make the reading fall") {
  ReadingGuard guard;
  guard.remember(topic, {100, 7, counters_made});
  const auto behind = guard.admit(topic, registers("lights", 60 * wh, 8 * wh));
  CHECK(behind.shown == ShownRegisters{100, 8, counters_made});
  CHECK(behind.is_held);
  const auto ahead = guard.admit(topic, registers("lights", 101 * wh, 8 * wh));
  CHECK(ahead.shown.import_wh == 101);
  CHECK_FALSE(ahead.is_held);
}

TEST_CASE("new counters begin where they are") {
  ReadingGuard guard;
  guard.remember(topic, {100, 7, counters_made});
  const auto later = counters_made + std::chrono::hours{1};
  CHECK(guard.admit(topic, registers("lights", 2 * wh, 0, later)).shown == ShownRegisters{2, 0, later});
  CHECK_FALSE(guard.admit(topic, registers("lights", 3 * wh, 0, later)).is_held);
}

TEST_CASE("since is compared as it is published, to the second") {
  ReadingGuard guard;
  guard.remember(topic, {100, 0, counters_made});
  CHECK(guard.admit(topic, registers("lights", 1 * wh, 0, counters_made + Microseconds{999'999})).shown.import_wh == 100);
}

TEST_CASE("a reading that is read back late does not undo a newer one") {
  ReadingGuard guard;
  CHECK(guard.admit(topic, registers("lights", 50 * wh)).shown.import_wh == 50);
  guard.remember(topic, {40, 0, counters_made});
  CHECK(guard.admit(topic, registers("lights", 50 * wh)).shown.import_wh == 50);
  guard.remember(topic, {900, 0, counters_made - std::chrono::hours{1}});
  CHECK(guard.admit(topic, registers("lights", 51 * wh)).shown.import_wh == 51);
}

TEST_CASE("a stranger who fills the broker does not fill our memory") {
  ReadingGuard guard;
  for (std::size_t i = 0; i < 3 * ReadingGuard::most_unknown; ++i)
    guard.remember("rbamp/x" + std::to_string(i) + "/y/energy", {1, 1, counters_made});
  CHECK_FALSE(guard.knows("rbamp/x" + std::to_string(3 * ReadingGuard::most_unknown - 1) + "/y/energy"));
  CHECK(guard.admit(topic, registers("lights", 5 * wh)).shown.import_wh == 5);
}

TEST_CASE("whatever is committed and read back, a shown register never falls while since is unchanged") {
  std::mt19937 random{11};
  std::uniform_int_distribution<int> dice{0, 9};
  std::uniform_int_distribution<std::int64_t> energy{0, 50};
  for (int run = 0; run < 200; ++run) {
    ReadingGuard guard;
    std::optional<ShownRegisters> last;
    auto since = counters_made;
    for (int step = 0; step < 100; ++step) {
      const int what = dice(random);
      if (what == 0) since += std::chrono::seconds{1};
      if (what == 1) guard.remember(topic, {energy(random), energy(random), counters_made + std::chrono::seconds{dice(random)}});
      const auto shown = guard.admit(topic, registers("lights", energy(random) * wh / 2, energy(random) * wh / 2, since)).shown;
      REQUIRE(shown.since == since);
      if (last && last->since == shown.since) {
        REQUIRE(shown.import_wh >= last->import_wh);
        REQUIRE(shown.export_wh >= last->export_wh);
      }
      last = shown;
    }
  }
}
