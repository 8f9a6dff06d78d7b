#include "loop/virtual_loop.hpp"

#include <string>

#include "support/catch.hpp"

namespace rbamp::loop {
namespace {

using namespace std::chrono_literals;

TEST_CASE("virtual time jumps from timer to timer and ends where it was asked to") {
  ManualClock clock;
  VirtualLoop loop{clock};
  const auto start = clock.boot_now();
  BootTime fired{};
  const auto timer = loop.call_after(90min, [&] { fired = clock.boot_now(); });
  loop.run_for(24h);
  CHECK(fired == start + 90min);
  CHECK(clock.boot_now() == start + 24h);
}

TEST_CASE("timers that are due at the same time fire in the order they were set") {
  ManualClock clock;
  VirtualLoop loop{clock};
  std::string order;
  const auto a = loop.call_after(1s, [&] { order += 'a'; });
  const auto b = loop.call_after(1s, [&] { order += 'b'; });
  loop.run_for(1s);
  CHECK(order == "ab");
}

TEST_CASE("what is posted runs before later timers, at the same instant") {
  ManualClock clock;
  VirtualLoop loop{clock};
  std::string order;
  const auto first = loop.call_after(1s, [&] {
    order += 'a';
    loop.post([&] { order += 'b'; });
  });
  const auto second = loop.call_after(1s, [&] { order += 'c'; });
  loop.run_for(1s);
  CHECK(order == "abc");
}

TEST_CASE("what is posted for later runs its leisure later, or before the next post") {
  ManualClock clock;
  VirtualLoop loop{clock};
  std::string order;
  const auto note = [&](char what) { return [&order, what] { order += what; }; };
  loop.post_later(note('a'));
  const auto timer = loop.call_after(Scheduler::leisure / 2, note('t'));
  loop.run_for(Scheduler::leisure - 1us);
  CHECK(order == "t");
  loop.post_later(note('b'));
  loop.run_for(1us);
  CHECK(order == "tab");
  loop.post_later(note('c'));
  loop.post(note('d'));
  loop.run_ready();
  CHECK(order == "tabcd");
}

TEST_CASE("a timer after the asked end stays set, a cancelled one is gone") {
  ManualClock clock;
  VirtualLoop loop{clock};
  int fired = 0;
  auto later = loop.call_after(2s, [&] { ++fired; });
  auto cancelled = loop.call_after(1s, [&] { fired += 10; });
  cancelled.cancel();
  CHECK(loop.timers() == 1);
  loop.run_for(1s);
  CHECK(fired == 0);
  loop.run_for(1s);
  CHECK(fired == 1);
}

TEST_CASE("a timer that is moved fires at its new time only, and behind what was set for that time before") {
  ManualClock clock;
  VirtualLoop loop{clock};
  std::string order;
  auto moved = loop.call_after(1s, [&] { order += 'm'; });
  const auto other = loop.call_after(2s, [&] { order += 'o'; });
  moved.move_to(clock.boot_now() + 2s);
  CHECK(loop.timers() == 2);
  loop.run_for(1s);
  CHECK(order.empty());
  loop.run_for(1s);
  CHECK(order == "om");
}

TEST_CASE("a timer that fired runs its callback again at the time it is moved to") {
  ManualClock clock;
  VirtualLoop loop{clock};
  int fired = 0;
  Timer timer;
  timer = loop.call_after(1s, [&] {
    if (++fired < 3) timer.move_to(clock.boot_now() + 1s);
  });
  loop.run_for(10s);
  CHECK(fired == 3);
  CHECK(loop.timers() == 0);
}

TEST_CASE("a callback that takes virtual time delays what is due meanwhile, and loses nothing") {
  ManualClock clock;
  VirtualLoop loop{clock};
  const auto start = clock.boot_now();
  BootTime second{};
  const auto slow = loop.call_after(1s, [&] { clock.sleep_for(5s); });
  const auto timer = loop.call_after(2s, [&] { second = clock.boot_now(); });
  loop.run_for(3s);
  CHECK(second == start + 6s);
  CHECK(clock.boot_now() == start + 6s);
}

TEST_CASE("run_ready does not move the clock") {
  ManualClock clock;
  VirtualLoop loop{clock};
  const auto start = clock.boot_now();
  int ran = 0;
  const auto due = loop.call_at(start, [&] { ++ran; });
  const auto later = loop.call_after(1us, [&] { ran += 10; });
  loop.post([&] { ran += 100; });
  loop.run_ready();
  CHECK(ran == 101);
  CHECK(clock.boot_now() == start);
}

}  // namespace
}  // namespace rbamp::loop
