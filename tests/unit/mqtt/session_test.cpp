#include "mqtt/session.hpp"

#include "fake_broker.hpp"
#include "log/message_ids.hpp"
#include "loop/virtual_loop.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;
using Answer = FakeBroker::Answer;

namespace {

struct Handler final : Session::Handler {
  void session_up() override { ++ups; }
  void session_down() override { ++downs; }
  void session_message(const Message&) override {}
  void session_delivered(Ticket, const std::string&) override {}
  void session_subscribed(const std::string&, const std::string&) override {}
  void session_closed() override { ++closed; }
  void session_outdated() override { ++outdated; }
  int ups = 0;
  int downs = 0;
  int closed = 0;
  int outdated = 0;
};

struct World {
  ManualClock clock;
  loop::VirtualLoop loop{clock};
  support::MemorySink sink;
  log::Logger logger{sink, log::Level::debug};
  FakeBroker broker{loop};
  Handler handler;
  Session session;

  explicit World(ConnectRequest wanted = request()) : session(std::move(wanted), broker, loop, handler, logger, 42) {}
  static ConnectRequest request() {
    ConnectRequest wanted;
    wanted.broker = {false, "broker.example", 1883};
    wanted.client_id = "rbampd";
    wanted.will = {"rbamp/status", "offline", true};
    return wanted;
  }
};

}  // namespace

TEST_CASE("a session connects with MQTT 5 and says so once") {
  World world;
  world.session.start();
  world.loop.run_for(1h);
  CHECK(world.session.is_up());
  CHECK(world.handler.ups == 1);
  REQUIRE(world.broker.attempts.size() == 1);
  CHECK(world.broker.attempts[0].version == ProtocolVersion::v5);
  CHECK(world.sink.entries().size() == 1);
  CHECK(world.sink.contains("connected to the MQTT broker mqtt://broker.example:1883 (MQTT 5)"));
}

TEST_CASE("a broker without MQTT 5 is asked with 3.1.1 at once, and with 5 again after a loss") {
  World world;
  world.broker.answer = Answer::refuse_v5;
  world.session.start();
  world.loop.run_ready();
  CHECK(world.session.is_up());
  REQUIRE(world.broker.attempts.size() == 2);
  CHECK(world.broker.attempts[1].version == ProtocolVersion::v3_1_1);
  CHECK(world.broker.attempt_times[0] == world.broker.attempt_times[1]);
  CHECK(world.sink.contains("(MQTT 3.1.1)"));
  world.loop.run_for(1min);
  world.broker.lose();
  world.loop.run_for(2s);
  CHECK(world.session.is_up());
  CHECK(world.broker.attempts[2].version == ProtocolVersion::v5);
}

TEST_CASE("a broker that closes without an answer is asked with the other version next time") {
  World world;
  world.broker.answer = Answer::unanswered;
  world.session.start();
  world.loop.run_for(10s);
  REQUIRE(world.broker.attempts.size() >= 3);
  CHECK(world.broker.attempts[0].version == ProtocolVersion::v5);
  CHECK(world.broker.attempts[1].version == ProtocolVersion::v3_1_1);
  CHECK(world.broker.attempts[2].version == ProtocolVersion::v5);
  CHECK(world.broker.attempt_times[1] > world.broker.attempt_times[0]);
}

TEST_CASE("a broker that is away for a day costs a few attempts a minute and two log records") {
  World world;
  world.broker.answer = Answer::unreachable;
  world.session.start();
  world.loop.run_for(24h);
  CHECK(world.broker.attempts.size() > 24 * 60 * 60 / 75);
  CHECK(world.broker.attempts.size() < 24 * 60 * 60 / 45 + 10);
  CHECK(world.sink.entries().size() == 1);
  world.broker.answer = Answer::accept;
  world.loop.run_for(75s);
  CHECK(world.session.is_up());
  CHECK(world.sink.entries().size() == 2);
  CHECK(world.sink.count_id(log::message_id::broker_back) == 1);
  CHECK(world.loop.timers() <= 1);
}

TEST_CASE("attempts are not in step with those of another client") {
  World one;
  one.broker.answer = Answer::unreachable;
  one.session.start();
  one.loop.run_for(10min);
  for (std::size_t i = 2; i < one.broker.attempt_times.size(); ++i) {
    CHECK(one.broker.attempt_times[i] - one.broker.attempt_times[i - 1] !=
          one.broker.attempt_times[i - 1] - one.broker.attempt_times[i - 2]);
  }
}

TEST_CASE("a refused password is an error that is told once, after an outage too") {
  World world;
  world.broker.answer = Answer::credentials;
  world.session.start();
  world.loop.run_for(1h);
  CHECK(world.sink.count(log::Level::error) == 1);
  CHECK(world.sink.entries().size() == 1);
  world.broker.answer = Answer::unreachable;
  world.loop.run_for(1h);
  CHECK(world.sink.entries().size() == 2);
  world.broker.answer = Answer::accept;
  world.loop.run_for(2min);
  world.broker.lose();
  world.broker.answer = Answer::credentials;
  world.loop.run_for(1h);
  CHECK(world.sink.count(log::Level::error) == 2);
}

TEST_CASE("a loss is told with its reason, and back with its length") {
  World world;
  world.session.start();
  world.loop.run_for(1h);
  world.sink.clear();
  world.broker.lose("it shuts down");
  world.loop.run_ready();
  CHECK(world.handler.downs == 1);
  CHECK(world.sink.contains("is gone (it shuts down)"));
  CHECK(world.sink.count_id(log::message_id::broker_lost) == 1);
  world.loop.run_for(2s);
  CHECK(world.handler.ups == 2);
  CHECK(world.sink.count_id(log::message_id::broker_back) == 1);
  CHECK(world.sink.entries().size() == 2);
}

TEST_CASE("a broker that is not verified is told at the start, at each renewal, and when it is back") {
  auto request = World::request();
  request.broker = {true, "broker.example", 8883};
  request.tls.skips_verification = true;
  World world{request};
  const auto warnings = [&] { return world.sink.count_id(log::message_id::broker_unverified); };
  world.broker.answer = Answer::unreachable;
  world.session.start();
  CHECK(warnings() == 1);
  CHECK(world.sink.count(log::Level::warning) == 1);
  CHECK(world.sink.contains("mqtt.insecure_skip_tls_verify is true"));
  CHECK(world.sink.contains("mqtts://broker.example:8883"));
  CHECK(world.sink.contains("read the password and give orders"));
  world.loop.run_for(1h);
  CHECK(warnings() == 1);
  world.broker.answer = Answer::accept;
  world.loop.run_for(2min);
  CHECK(world.sink.contains("again (MQTT 5, its certificate NOT verified)"));
  CHECK(warnings() == 2);
  world.session.renew();
  world.loop.run_for(1h);
  CHECK(world.handler.ups == 1);
  CHECK(warnings() == 3);
  for (int i = 0; i < 50; ++i) {
    world.broker.lose();
    while (!world.session.is_up() || !world.broker.is_connected()) world.loop.run_for(100ms);
  }
  CHECK(warnings() == 4);  // a connection that keeps breaking is one edge
  world.session.close();
  world.loop.run_for(1s);
  world.session.renew();
  CHECK(warnings() == 4);
}

TEST_CASE("a connection that breaks all the time is one edge, and is asked less and less often") {
  World world;
  world.session.start();
  world.loop.run_for(1h);
  world.sink.clear();
  for (int i = 0; i < 50; ++i) {
    world.broker.lose("another client uses the same client id");
    while (!world.session.is_up() || !world.broker.is_connected()) world.loop.run_for(100ms);
  }
  // Lost, back, lost again within seconds: from here on it is the same story.
  CHECK(world.sink.entries().size() == 3);
  CHECK(world.sink.count_id(log::message_id::broker_lost) == 2);
  const auto& times = world.broker.attempt_times;
  CHECK(times[times.size() - 1] - times[times.size() - 2] > 40s);
  world.loop.run_for(1min);
  CHECK(world.sink.entries().size() == 4);
  CHECK(world.sink.count_id(log::message_id::broker_back) == 2);
}

TEST_CASE("an attempt without an answer is given up and repeated") {
  World world;
  world.broker.answer = Answer::silence;
  world.session.start();
  world.loop.run_for(32s);
  CHECK(world.broker.abandons == 1);
  CHECK(world.broker.attempts.size() == 2);
  CHECK(world.sink.contains("no answer within 30 s"));
}

TEST_CASE("a late answer to a given up attempt is ignored") {
  World world;
  world.broker.answer = Answer::silence;
  world.session.start();
  world.loop.run_for(30s + 100ms);
  // The session is between two attempts now.
  static_cast<ConnectionEvents&>(world.session).on_connect_failed({ConnectFailure::Kind::credentials, "late"});
  world.loop.run_ready();
  CHECK(world.sink.count(log::Level::error) == 0);
}

TEST_CASE("closing ends in order when there is a connection, and at once when there is none") {
  World connected;
  connected.session.start();
  connected.loop.run_for(1s);
  connected.session.close();
  connected.session.close();
  connected.loop.run_for(1h);
  CHECK(connected.broker.disconnects == 1);
  CHECK(connected.handler.closed == 1);
  CHECK(connected.broker.attempts.size() == 1);

  World away;
  away.broker.answer = Answer::unreachable;
  away.session.start();
  away.loop.run_for(1s);
  away.session.close();
  CHECK(away.handler.closed == 1);
  const auto attempts = away.broker.attempts.size();
  away.loop.run_for(1h);
  CHECK(away.broker.attempts.size() == attempts);
}

TEST_CASE("renewing leaves a connection alone whose files are what they were") {
  World world;
  world.session.start();
  world.loop.run_for(1min);
  world.session.renew();
  world.loop.run_for(1h);
  CHECK(world.handler.downs == 0);
  CHECK(world.handler.outdated == 0);
  CHECK(world.broker.attempts.size() == 1);
  CHECK(world.broker.disconnects + world.broker.abandons == 0);
}

TEST_CASE("renewing tells that the files are others, and reconnecting leaves the will and connects at once") {
  World world;
  world.session.start();
  world.loop.run_for(1min);
  world.broker.has_new_files = true;
  world.session.renew();
  world.loop.run_ready();
  CHECK(world.handler.outdated == 1);
  CHECK(world.handler.downs == 0);
  const auto begin = world.clock.boot_now();
  world.session.reconnect();
  CHECK(world.broker.retained["rbamp/status"] == "offline");
  world.loop.run_ready();
  CHECK(world.clock.boot_now() == begin);
  CHECK(world.handler.downs == 1);
  CHECK(world.handler.ups == 2);
  CHECK(world.broker.abandons == 1);
  CHECK(world.broker.disconnects == 0);
  CHECK(world.sink.count(log::Level::warning) == 0);
  CHECK(world.sink.contains("has changed: connecting anew"));
}

TEST_CASE("what is said about the files after the end of the session is not heard") {
  World world;
  world.session.start();
  world.loop.run_for(1min);
  world.broker.has_new_files = true;
  world.broker.closes_politely = false;
  world.session.renew();
  world.session.close();
  world.loop.run_for(1min);
  CHECK(world.handler.outdated == 0);
  world.session.reconnect();
  CHECK(world.broker.attempts.size() == 1);
}

TEST_CASE("renewing while waiting for the next attempt attempts at once") {
  World world;
  world.broker.answer = Answer::unreachable;
  world.session.start();
  world.loop.run_for(10min);
  world.broker.answer = Answer::accept;
  const auto attempts = world.broker.attempts.size();
  world.session.renew();
  world.loop.run_ready();
  CHECK(world.broker.attempts.size() == attempts + 1);
  CHECK(world.session.is_up());
}
