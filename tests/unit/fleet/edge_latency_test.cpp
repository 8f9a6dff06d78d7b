#include "fleet/edge_latency.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using fleet::EdgeLatency;

TEST_CASE("before the first edge there is no latency to tell") { CHECK_FALSE(EdgeLatency{}.quantile(0.5)); }

TEST_CASE("median and 99th percentile are told to a quarter octave, never too low") {
  EdgeLatency latency;
  for (int i = 0; i < 980; ++i) latency.add(Microseconds{100});
  for (int i = 0; i < 20; ++i) latency.add(Microseconds{5000});
  CHECK(latency.quantile(0.5) >= Microseconds{100});
  CHECK(latency.quantile(0.5) < Microseconds{120});
  CHECK(latency.quantile(0.98) < Microseconds{120});
  CHECK(latency.quantile(0.99) >= Microseconds{5000});
  CHECK(latency.quantile(0.99) < Microseconds{6000});
}

TEST_CASE("what is outside the scale counts at its ends") {
  EdgeLatency latency;
  latency.add(Microseconds{-3});
  CHECK(latency.quantile(1.0) == Microseconds{8});
  latency.add(std::chrono::seconds{20});
  CHECK(latency.quantile(1.0) > std::chrono::milliseconds{400});
}

TEST_CASE("old edges fade") {
  EdgeLatency latency;
  for (int i = 0; i < 36'000; ++i) latency.add(Microseconds{5000});
  for (int i = 0; i < 72'000; ++i) latency.add(Microseconds{50});
  CHECK(latency.quantile(0.9) < Microseconds{100});
}
