// Which looks at a module must be repeated before they are believed.
#include "metering/evidence.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::seconds;

namespace {

Evidence look(seconds at, std::uint32_t uptime_s) {
  Evidence seen;
  seen.now.at = BootTime{at};
  seen.uptime_s = uptime_s;
  seen.is_valid = true;
  return seen;
}

}  // namespace

TEST_CASE("a module that goes on as before surprises nobody, with a slow clock and an exact one") {
  CHECK_FALSE(is_surprising(look(seconds{160}, 1060), look(seconds{100}, 1000)));
  CHECK_FALSE(is_surprising(look(seconds{160}, 1042), look(seconds{100}, 1000)));
  CHECK_FALSE(is_surprising(look(seconds{100}, 1000), look(seconds{100}, 1000)));
}

TEST_CASE("what one wrong bit can make up and would cost energy is surprising") {
  const auto last = look(seconds{100}, 1000);
  auto seen = look(seconds{160}, 1060);
  SECTION("a restart") { seen.reset_flag = true; }
  SECTION("an empty latch") { seen.is_valid = false; }
  SECTION("another cause of the last restart") { seen.reset_cause = 8; }
  SECTION("a counter that ran back") { seen.uptime_s = 36; }
  SECTION("a counter that jumped ahead") { seen.uptime_s = 1060 + 1024; }
  SECTION("a counter that fell behind") { seen.uptime_s = 1001; }
  CHECK(is_surprising(seen, last));
}

TEST_CASE("two looks tell the same story when only a second went by") {
  CHECK(is_same_story(look(seconds{100}, 1000), look(seconds{100}, 1001)));
  CHECK_FALSE(is_same_story(look(seconds{100}, 1000), look(seconds{100}, 1032)));
  auto other = look(seconds{100}, 1000);
  other.is_valid = false;
  CHECK_FALSE(is_same_story(look(seconds{100}, 1000), other));
}

TEST_CASE("LATCH_MS fits the length that it stands for, and a cleared one fits none") {
  SnapshotWitness witness{};
  CHECK_FALSE(fits_length(witness, seconds{0}));
  witness[16] = 0x70;
  witness[17] = 0xAD;  // 44400 ms
  CHECK(fits_length(witness, seconds{60}));
  CHECK_FALSE(fits_length(witness, seconds{120}));
  CHECK_FALSE(fits_length(witness, seconds{20}));
}
