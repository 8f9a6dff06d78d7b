// A period that another program divided by one latch. Protocol 12.3, case C.
#include "metering/foreign_latch.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::metering;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("two parts that are the whole meet where the chip's clock says, however slow it is") {
  struct Row {
    double clock;
    int theirs_s;
    int ours_s;
  };
  const auto row = GENERATE(Row{1.0, 40, 20}, Row{0.74, 40, 20}, Row{0.70, 1, 59}, Row{1.05, 59, 1}, Row{0.74, 3'000, 600});
  const auto chip_ms = [&](int s) { return static_cast<std::uint32_t>(row.clock * 1000.0 * s); };
  const auto first = before_foreign_latch(seconds{row.theirs_s + row.ours_s}, chip_ms(row.theirs_s), chip_ms(row.ours_s));
  REQUIRE(first);
  CHECK(*first - seconds{row.theirs_s} < milliseconds{100});
  CHECK(seconds{row.theirs_s} - *first < milliseconds{100});
}

TEST_CASE("parts that are not the whole say that there was more than one foreign latch") {
  CHECK_FALSE(before_foreign_latch(seconds{60}, 10'000, 10'000));
  CHECK_FALSE(before_foreign_latch(seconds{60}, 20'000, 21'000));
}

TEST_CASE("parts that are more than the whole, or nothing, divide nothing") {
  CHECK_FALSE(before_foreign_latch(seconds{60}, 60'000, 20'000));
  CHECK_FALSE(before_foreign_latch(seconds{60}, 0, 0));
  CHECK_FALSE(before_foreign_latch(seconds{0}, 5, 5));
}
