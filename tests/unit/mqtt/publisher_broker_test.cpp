#include "publisher_world.hpp"
#include "support/mqtt_heap.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

/// What the publisher holds, without what the test writes down about it.
std::size_t heap_without_notes(PublisherWorld& world) {
  world.sink.clear();
  std::vector<FakeBroker::Sent>{}.swap(world.broker.sent);
  std::vector<ConnectRequest>{world.broker.attempts.back()}.swap(world.broker.attempts);  // the broker knows the will from it
  std::vector<BootTime>{}.swap(world.broker.attempt_times);
  return support::heap_in_use();
}

}  // namespace

TEST_CASE("a broker that lost everything has everything again after one reconnect") {
  PublisherWorld world;
  world.settle();
  const auto before = world.broker.retained;
  world.loop.run_for(1min);
  world.broker.lose();
  world.broker.retained.clear();  // restarted without persistence
  world.loop.run_for(2s);
  CHECK(world.broker.retained == before);
  CHECK(world.broker.has_filter("rbamp/cmd/latch"));
  CHECK(world.broker.has_filter(workshop_config));
}

TEST_CASE("after a quick reconnect online waits for the configs that must keep their distance") {
  PublisherWorld world;
  world.publisher->describe(workshop());
  world.publisher->start();
  world.loop.run_for(1s);  // configs just went out
  world.broker.lose();
  world.broker.retained.clear();
  world.broker.sent.clear();
  world.loop.run_for(2s);
  CHECK(world.publisher->is_online());
  CHECK(world.retained("rbamp/status") == "none");
  world.loop.run_for(5s);
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(*world.broker.first_index(workshop_config) < *world.broker.first_index("rbamp/status", "online"));
}

TEST_CASE("while there is no broker nothing queues up: one message per topic afterwards, periods forgotten") {
  PublisherWorld world;
  world.settle();
  world.broker.answer = FakeBroker::Answer::unreachable;
  world.broker.lose();
  world.loop.run_ready();
  world.broker.sent.clear();
  for (int minute = 0; minute < 24 * 60; ++minute) {
    world.publisher->live(workshop_reading(minute));
    world.publisher->committed(workshop_minute(1'234'567'000'000 + minute * 5'000'000LL));
    world.loop.run_for(1min);
  }
  CHECK(world.broker.sent.empty());
  world.broker.answer = FakeBroker::Answer::accept;
  world.loop.run_for(80s);
  CHECK(world.broker.count(lights_energy) == 1);
  CHECK(world.broker.count(lights_state) == 1);
  CHECK(world.broker.count(lights_period) == 0);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "1241.762");
}

TEST_CASE("a day without a broker costs less than 100 kB of memory") {
  PublisherWorld world;
  world.settle();
  world.broker.answer = FakeBroker::Answer::unreachable;
  world.broker.lose();
  std::size_t before = 0;
  for (int second = 0; second <= 24 * 60 * 60; second += 10) {
    world.publisher->live(workshop_reading(second % 3000));
    world.publisher->settings(workshop_settings(second % 100));
    if (second % 60 == 0) world.publisher->committed(workshop_minute(1'234'567'000'000 + second * 100'000LL));
    world.loop.run_for(10s);
    if (second == 60 * 60) before = heap_without_notes(world);
  }
  CHECK(heap_without_notes(world) < before + 100'000);
  CHECK_FALSE(world.publisher->is_online());
}

TEST_CASE("a broker that restores older retained values does not pull the reading down") {
  PublisherWorld world;
  world.settle();
  world.broker.lose();
  world.broker.retained[lights_energy] = R"({"import":9999.000,"export":0.012,"since":"2025-11-03T12:00:00Z"})";
  world.loop.run_for(10s);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "1234.567");
}

TEST_CASE("a slow broker gets the newest states, with a bounded number under way") {
  PublisherWorld world;
  world.settle();
  world.broker.acknowledges = false;
  world.broker.sent.clear();
  for (int i = 0; i < 20; ++i) {
    world.publisher->live(workshop_reading(i));
    world.loop.run_for(1s);
  }
  CHECK(world.broker.sent.size() <= Publisher::window);
  world.broker.acknowledges = true;
  world.broker.acknowledge_all();
  world.loop.run_for(6s);
  CHECK(world.home().state("rbamp_workshop_lights_power") == "19.0");
}

TEST_CASE("a broker that stops acknowledging is left and connected anew") {
  PublisherWorld world;
  world.settle();
  world.broker.acknowledges = false;
  world.publisher->committed(workshop_minute(1'234'568'000'000));
  world.loop.run_for(29s);
  CHECK(world.broker.attempts.size() == 1);
  world.loop.run_for(4s);
  CHECK(world.broker.abandons == 1);
  CHECK(world.broker.attempts.size() == 2);
  CHECK(world.sink.contains("it does not acknowledge messages any more"));
  world.broker.acknowledges = true;
  world.broker.acknowledge_all();
  world.loop.run_for(1min);
  CHECK(world.home().state("rbamp_workshop_lights_energy_import") == "1234.568");
}

TEST_CASE("a broker that refuses our messages is told about once per connection") {
  PublisherWorld world;
  world.broker.refuses_publications = "not authorized";
  world.settle();
  world.publisher->committed(workshop_minute(1'234'568'000'000));
  world.loop.run_for(1h);
  CHECK(world.sink.count(log::Level::warning) == 1);
  CHECK(world.sink.contains("refuses messages (not authorized)"));
}

TEST_CASE("a thousand reconnects leave no timer, no memory and no lost or doubled state behind") {
  PublisherWorld world;
  world.settle();
  const auto before = world.broker.retained;
  std::size_t heap = 0;
  for (int i = 0; i < 1000; ++i) {
    world.broker.lose();
    world.loop.run_for(80s);
    REQUIRE(world.publisher->is_online());
    world.sink.clear();
    if (i == 100) heap = heap_without_notes(world);
  }
  world.loop.run_for(2min);
  CHECK(heap_without_notes(world) < heap + 20'000);
  CHECK(world.broker.retained == before);
  CHECK(world.loop.timers() == 0);
}

TEST_CASE("an orderly stop says offline, waits for the answer, and disconnects") {
  PublisherWorld world;
  world.settle();
  const auto begin = world.clock.boot_now();
  int stopped = 0;
  world.publisher->committed(workshop_minute(1'234'999'000'000));
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_ready();
  CHECK(stopped == 1);
  CHECK(world.clock.boot_now() == begin);
  CHECK(world.retained("rbamp/status") == "offline");
  CHECK(world.broker.sent.back().message.topic == "rbamp/status");
  CHECK(world.home().entity("rbamp_workshop_lights_energy_import")->state == "unavailable");
  CHECK(world.retained(lights_energy).find("1234.999") != std::string::npos);
  CHECK(world.broker.disconnects == 1);
  world.loop.run_for(1h);
  CHECK(stopped == 1);
  CHECK(world.broker.attempts.size() == 1);
}

TEST_CASE("a broker that does not answer cannot hold up the stop, and publishes the will") {
  PublisherWorld world;
  world.settle();
  world.broker.acknowledges = false;
  const auto begin = world.clock.boot_now();
  int stopped = 0;
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_until(begin + Publisher::stop_limit);
  CHECK(stopped == 1);
  CHECK(world.broker.disconnects == 0);
  CHECK(world.broker.abandons >= 1);
}

TEST_CASE("a broker that never closes cannot hold up the stop either") {
  PublisherWorld world;
  world.settle();
  world.broker.closes_politely = false;
  const auto begin = world.clock.boot_now();
  int stopped = 0;
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_until(begin + Publisher::stop_limit);
  CHECK(stopped == 1);
}

TEST_CASE("stopping without a broker is immediate") {
  PublisherWorld world;
  world.broker.answer = FakeBroker::Answer::unreachable;
  world.settle();
  int stopped = 0;
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_ready();
  CHECK(stopped == 1);
  world.loop.run_for(1h);
  CHECK(stopped == 1);
}

TEST_CASE("stopping a publisher that was never started, or twice, is harmless") {
  PublisherWorld world;
  int stopped = 0;
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_for(1s);
  CHECK(stopped == 1);
  world.make();
  world.settle();
  world.publisher->stop([&] { ++stopped; });
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_for(1s);
  CHECK(stopped == 2);
}

TEST_CASE("the loss of the broker while stopping ends the stop") {
  PublisherWorld world;
  world.settle();
  world.broker.acknowledges = false;
  int stopped = 0;
  world.publisher->stop([&] { ++stopped; });
  world.broker.lose();
  world.loop.run_for(Publisher::stop_limit);
  CHECK(stopped == 1);
  world.loop.run_for(1h);
  CHECK(world.broker.attempts.size() == 1);
}

TEST_CASE("a reload with the password and certificates as they were leaves the connection alone") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  world.publisher->refresh();
  world.loop.run_for(1min);
  CHECK(world.broker.attempts.size() == 1);
  CHECK(world.broker.sent.empty());
  CHECK(world.retained("rbamp/status") == "online");
}

TEST_CASE("a new password or certificate is taken up by a new connection: offline, then online") {
  PublisherWorld world;
  world.settle();
  world.broker.sent.clear();
  world.broker.has_new_files = true;
  world.broker.answer = FakeBroker::Answer::credentials;
  world.publisher->refresh();
  world.loop.run_for(6s);
  CHECK(world.broker.attempts.size() >= 2);
  CHECK_FALSE(world.publisher->is_online());
  CHECK(world.home().state("rbamp_workshop_lights_power") == "unavailable");  // nobody knows for how long
  CHECK(world.sink.count(log::Level::error) == 1);
  world.broker.answer = FakeBroker::Answer::accept;
  world.loop.run_for(75s);
  CHECK(world.retained("rbamp/status") == "online");
  CHECK(world.broker.payloads("rbamp/status") == std::vector<std::string>{"online"});
  CHECK(world.home().state("rbamp_workshop_lights_power") == "348.2");
}

TEST_CASE("a new password does not disturb the farewell") {
  PublisherWorld world;
  world.settle();
  world.broker.has_new_files = true;
  world.broker.acknowledges = false;
  world.publisher->refresh();
  int stopped = 0;
  world.publisher->stop([&] { ++stopped; });
  world.loop.run_ready();
  world.broker.acknowledge_all();
  world.loop.run_for(1min);
  CHECK(stopped == 1);
  CHECK(world.broker.attempts.size() == 1);
  CHECK(world.broker.disconnects == 1);
  CHECK(world.retained("rbamp/status") == "offline");
}
