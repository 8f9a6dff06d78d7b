#include "storage/history.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::storage;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

UtcTime utc(std::int64_t s) { return UtcTime{seconds{s}}; }
TimeZone zone(const char* name) { return TimeZone::find(name).value(); }

constexpr std::int64_t berlin_autumn = 1792890000;  // 2026-10-25T01:00:00Z: 03:00 CEST becomes 02:00 CET

}  // namespace

TEST_CASE("buckets are local") {
  const auto berlin = zone("Europe/Berlin");
  const auto when = utc(1767614400 + 100);  // 2026-01-05T12:01:40Z, 13:01:40 in Berlin
  CHECK(bucket_at(berlin, Bucket::quarter_hour, when) == std::pair{utc(1767614400), utc(1767614400 + 900)});
  CHECK(bucket_at(berlin, Bucket::hour, when) == std::pair{utc(1767614400), utc(1767618000)});
  CHECK(bucket_at(berlin, Bucket::day, when) == std::pair{utc(1767567600), utc(1767654000)});    // 23:00Z to 23:00Z
  CHECK(bucket_at(berlin, Bucket::month, when) == std::pair{utc(1767222000), utc(1769900400)});  // January
  CHECK(bucket_at(berlin, Bucket::year, when) == std::pair{utc(1767222000), utc(1767222000 + 86400 * 365)});
}

TEST_CASE("the repeated hour of autumn is two buckets of an hour") {
  const auto berlin = zone("Europe/Berlin");
  CHECK(bucket_at(berlin, Bucket::hour, utc(berlin_autumn - 1)) == std::pair{utc(berlin_autumn - 3600), utc(berlin_autumn)});
  CHECK(bucket_at(berlin, Bucket::hour, utc(berlin_autumn)) == std::pair{utc(berlin_autumn), utc(berlin_autumn + 3600)});
  const auto [begin, end] = bucket_at(berlin, Bucket::day, utc(berlin_autumn));
  CHECK(end - begin == Microseconds{hours{25}});
  const auto [first, last] = bucket_at(berlin, Bucket::month, utc(berlin_autumn));
  CHECK(last - first == Microseconds{hours{31 * 24 + 1}});
}

TEST_CASE("full hours of zones that are 45 minutes off begin at a quarter past in UTC") {
  const auto kathmandu = zone("Asia/Kathmandu");  // +05:45
  const auto [begin, end] = bucket_at(kathmandu, Bucket::hour, utc(1767614400));
  CHECK(begin == utc(1767614400 - 2700));
  CHECK(end == utc(1767614400 + 900));
}

TEST_CASE("years and months begin at local midnight on both sides of the date line") {
  for (const char* name : {"Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns", "UTC"}) {
    const auto here = zone(name);
    for (std::int64_t when = 1700000000; when < 1800000000; when += 86400 * 3 + 7777) {
      for (const auto bucket : {Bucket::hour, Bucket::day, Bucket::month, Bucket::year}) {
        const auto [begin, end] = bucket_at(here, bucket, utc(when));
        INFO(name << " " << when);
        CHECK(begin <= utc(when));
        CHECK(utc(when) < end);
        CHECK(bucket_at(here, bucket, begin) == std::pair{begin, end});
        CHECK(bucket_at(here, bucket, end - Microseconds{1}) == std::pair{begin, end});
        CHECK(bucket_at(here, bucket, end).first == end);
      }
    }
  }
}

TEST_CASE("a chart takes what begins in its range, adds up, and stays in order") {
  BarChart chart{TimeZone::utc(), Bucket::hour, utc(7200), utc(4 * 3600)};
  chart.add(utc(3 * 3600 + 5), MicroWattHours{10}, MicroWattHours{1}, 1);
  chart.add(utc(7199), MicroWattHours{100}, MicroWattHours{0}, 1);      // in an hour that begins before the range
  chart.add(utc(4 * 3600), MicroWattHours{100}, MicroWattHours{0}, 1);  // after it
  chart.add(utc(2 * 3600), MicroWattHours{7}, MicroWattHours{0}, 4);
  chart.add(utc(3 * 3600 + 3599), MicroWattHours{5}, MicroWattHours{2}, 2);
  const auto bars = chart.bars();
  REQUIRE(bars.size() == 2);
  CHECK(bars[0].begin == utc(7200));
  CHECK(bars[0].energy_import == MicroWattHours{7});
  CHECK(bars[0].qualities == 4);
  CHECK(bars[1].begin == utc(3 * 3600));
  CHECK(bars[1].end == utc(4 * 3600));
  CHECK(bars[1].energy_import == MicroWattHours{15});
  CHECK(bars[1].energy_export == MicroWattHours{3});
  CHECK(bars[1].qualities == 3);
}
