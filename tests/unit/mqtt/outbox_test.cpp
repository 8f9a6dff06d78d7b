#include "mqtt/outbox.hpp"

#include "mqtt/backoff.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

namespace {

std::vector<std::string> drained(Outbox& outbox) {
  std::vector<std::string> order;
  while (auto next = outbox.take()) order.push_back(next->second.topic + "=" + next->second.payload);
  return order;
}

}  // namespace

TEST_CASE("within a batch, what others need comes first") {
  Outbox outbox;
  outbox.put(Rank::status, {"status", "online"});
  outbox.put(Rank::module_status, {"m/status", "online"});
  outbox.put(Rank::energy, {"m/energy", "1"});
  outbox.put(Rank::state, {"m/state", "1"});
  outbox.put(Rank::config, {"config", "{}"});
  CHECK(drained(outbox) == std::vector<std::string>{"config={}", "m/state=1", "m/energy=1", "m/status=online", "status=online"});
}

TEST_CASE("a newer state replaces a waiting one and keeps its place") {
  Outbox outbox;
  outbox.put(Rank::state, {"a", "1"});
  outbox.put(Rank::state, {"b", "1"});
  outbox.next_batch();
  outbox.put(Rank::config, {"c", "1"});
  outbox.put(Rank::state, {"a", "2"});
  CHECK(outbox.size() == 3);
  CHECK(drained(outbox) == std::vector<std::string>{"a=2", "b=1", "c=1"});
  outbox.put(Rank::state, {"a", "3"});
  CHECK(drained(outbox) == std::vector<std::string>{"a=3"});
}

TEST_CASE("periods are all kept, in order, up to a bound") {
  Outbox outbox;
  for (std::size_t i = 0; i < Outbox::most_events + 10; ++i) outbox.put(Rank::period, {"p", std::to_string(i), false});
  CHECK(outbox.size() == Outbox::most_events);
  CHECK(outbox.dropped() == 10);
  const auto order = drained(outbox);
  REQUIRE(order.size() == Outbox::most_events);
  CHECK(order.front() == "p=10");
  CHECK(order.back() == "p=" + std::to_string(Outbox::most_events + 9));
}

TEST_CASE("a cleared outbox is as good as new") {
  Outbox outbox;
  outbox.put(Rank::state, {"a", "1"});
  outbox.put(Rank::period, {"p", "1", false});
  outbox.clear();
  CHECK(outbox.empty());
  outbox.put(Rank::state, {"a", "2"});
  CHECK(drained(outbox) == std::vector<std::string>{"a=2"});
}

TEST_CASE("pauses double up to a minute, with jitter") {
  Backoff backoff{1};
  Microseconds base = Backoff::first;
  for (int i = 0; i < 20; ++i) {
    const auto pause = backoff.next();
    CHECK(pause >= base * 3 / 4);
    CHECK(pause <= base * 5 / 4);
    base = std::min(base * 2, Backoff::longest);
  }
  backoff.reset();
  CHECK(backoff.next() <= Backoff::first * 5 / 4);
  CHECK(Backoff{1}.next() != Backoff{2}.next());
}
