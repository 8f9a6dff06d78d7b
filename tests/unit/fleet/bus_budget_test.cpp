#include "fleet/bus_budget.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace rbamp;
using fleet::BusBudget;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Microseconds window = milliseconds{200};

std::vector<BusBudget::Reader> readers(std::size_t count, Microseconds every, Microseconds takes) {
  return std::vector<BusBudget::Reader>(count, {every, takes});
}

}  // namespace

TEST_CASE("180 ms of each window are carried, more is told once") {
  BusBudget budget;
  CHECK_FALSE(budget.judge(readers(18, window, milliseconds{10})));
  CHECK_FALSE(budget.excess());
  CHECK(budget.judge(readers(19, window, milliseconds{10})));
  REQUIRE(budget.excess());
  CHECK(*budget.excess() == BusBudget::Excess{19, 0, milliseconds{190}});
  CHECK_FALSE(budget.judge(readers(19, window, milliseconds{11})));
}

TEST_CASE("readings that come less often count with their share of a window") {
  auto all = readers(15, window, milliseconds{10});
  const auto seldom = readers(20, seconds{1}, milliseconds{10});
  BusBudget budget;
  CHECK_FALSE(budget.judge(all));
  all.insert(all.end(), seldom.begin(), seldom.end());
  CHECK(budget.judge(all));
  CHECK(*budget.excess() == BusBudget::Excess{15, 20, milliseconds{190}});
}

TEST_CASE("a bus is carried again well below its limit, and not before all modules are known") {
  BusBudget budget;
  CHECK(budget.judge(readers(20, window, milliseconds{10})));
  CHECK_FALSE(budget.judge(readers(20, window, Microseconds{8'500})));
  auto some_new = readers(15, window, milliseconds{10});
  some_new.back().takes = {};
  CHECK(budget.judge(readers(17, window, milliseconds{10})));  // fewer than before, and still too many to be sure
  CHECK(budget.excess()->every_window == 17);
  CHECK_FALSE(budget.judge(some_new));
  CHECK(budget.judge(readers(15, window, milliseconds{10})));
  CHECK_FALSE(budget.excess());
}

TEST_CASE("modules that were not read yet count as the others, and a bus where none was read is not judged") {
  BusBudget budget;
  auto some = readers(20, window, {});
  CHECK_FALSE(budget.judge(some));
  some.front().takes = milliseconds{10};
  CHECK(budget.judge(some));
  CHECK_FALSE(budget.judge({}));
  CHECK(budget.excess());
}
