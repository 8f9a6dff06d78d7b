#include "base/clock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/fd.hpp"
#include "support/catch.hpp"

namespace rbamp {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the boot clock runs forward, also through a sleep") {
  KernelClock clock;
  const auto before = clock.boot_now();
  clock.sleep_for(2ms);
  CHECK(clock.boot_now() - before >= 2ms);
}

TEST_CASE("sleeping for no time or less returns at once") {
  KernelClock clock;
  const auto before = clock.boot_now();
  clock.sleep_for(0us);
  clock.sleep_for(-1h);
  CHECK(clock.boot_now() - before < 10s);
}

TEST_CASE("UTC is what the standard library says") {
  const KernelClock clock;
  const auto ours = clock.utc_now();
  const auto theirs = std::chrono::system_clock::now();
  CHECK(std::chrono::abs(theirs - ours) < 10s);
}

TEST_CASE("a manual clock moves only by hand, and a step of UTC does not move the boot clock") {
  ManualClock clock;
  const auto boot = clock.boot_now();
  const auto utc = clock.utc_now();
  CHECK(clock.boot_now() == boot);
  clock.advance(5s);
  CHECK(clock.boot_now() == boot + 5s);
  CHECK(clock.utc_now() == utc + 5s);
  clock.step_utc(-1h);
  CHECK(clock.boot_now() == boot + 5s);
  CHECK(clock.utc_now() == utc + 5s - 1h);
  clock.advance_to(boot + 1s);  // the past: no way back
  CHECK(clock.boot_now() == boot + 5s);
  clock.sleep_for(1s);
  CHECK(clock.boot_now() == boot + 6s);
  clock.set_synchronised(false);
  CHECK_FALSE(clock.utc_is_synchronised());
}

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST_CASE("a descriptor is closed by its owner, once, wherever it was moved to") {
  const int raw = dup(STDERR_FILENO);
  REQUIRE(raw >= 0);
  {
    Fd first{raw};
    Fd second{std::move(first)};
    CHECK(second.get() == raw);
    Fd third;
    CHECK_FALSE(third.is_open());
    third = std::move(second);
    CHECK(third.is_open());
    CHECK(is_open(raw));
  }
  CHECK_FALSE(is_open(raw));
}

TEST_CASE("assigning to a descriptor closes the one it held") {
  const int raw = dup(STDERR_FILENO);
  REQUIRE(raw >= 0);
  Fd fd{raw};
  fd = Fd{};
  CHECK_FALSE(is_open(raw));
  CHECK_FALSE(fd.is_open());
}

}  // namespace
}  // namespace rbamp
