#include "metering/schedule.hpp"

#include "base/local_time.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

ZoneOffset fixed(seconds offset) {
  return [offset](UtcTime) { return offset; };
}
constexpr UtcTime noon{seconds{1'800'014'400}};  // 2027-01-15 12:00:00 UTC

}  // namespace

TEST_CASE("periods end on multiples of the period") {
  CHECK(next_boundary(noon + seconds{1}, seconds{60}, {}, fixed({})) == noon + seconds{60});
  CHECK(next_boundary(noon + seconds{59}, seconds{60}, {}, fixed({})) == noon + seconds{60});
}

TEST_CASE("a boundary that is now, or closer than the margin, is skipped") {
  CHECK(next_boundary(noon, seconds{60}, {}, fixed({})) == noon + seconds{60});
  CHECK(next_boundary(noon + seconds{59}, seconds{60}, seconds{2}, fixed({})) == noon + seconds{120});
}

TEST_CASE("an hour ends at the local full hour in a zone with a half-hour offset") {
  CHECK(next_boundary(noon, hours{1}, {}, fixed(hours{5} + minutes{30})) == noon + minutes{30});
}

TEST_CASE("a summer-time change does not lose or repeat a boundary") {
  const auto zone = TimeZone::find("Europe/Berlin");
  REQUIRE(zone);
  const auto offset = [&](UtcTime when) { return zone->offset_at(when); };
  const UtcTime before_change{seconds{1'774'743'900}};  // 2026-03-29 00:25 UTC, 01:25 local; the clock jumps at 01:00 UTC
  const auto first = next_boundary(before_change, hours{1}, {}, offset);
  CHECK(to_rfc3339(first) == "2026-03-29T01:00:00Z");
  CHECK(to_rfc3339(next_boundary(first, hours{1}, {}, offset)) == "2026-03-29T02:00:00Z");
}

TEST_CASE("a clock before 1970 still has boundaries ahead of it") {
  const UtcTime past{-seconds{90}};
  CHECK(next_boundary(past, seconds{60}, {}, fixed({})) == UtcTime{-seconds{60}});
}

TEST_CASE("the boundary on the boot clock is as far away as in UTC") {
  CHECK(to_boot_time(noon + seconds{10}, BootTime{seconds{500}}, noon) == BootTime{seconds{510}});
}
