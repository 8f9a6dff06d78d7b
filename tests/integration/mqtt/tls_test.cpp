// Passwords and certificates against a real mosquitto.
#include "broker_world.hpp"
#include "certificates.hpp"
#include "log/message_ids.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;
using namespace std::chrono_literals;

namespace {

support::Mosquitto::Options tls(const support::CertificateAuthority& authority, const support::CertificateAuthority::Pair& pair) {
  support::Mosquitto::Options options;
  options.ca_file = authority.ca_file();
  options.cert_file = pair.cert_file;
  options.key_file = pair.key_file;
  return options;
}

/// Starts and waits for the first word about the connection.
void attempt(BrokerWorld& world) {
  world.begin();
  world.until([&] { return !world.sink.entries().empty(); });
}

}  // namespace

TEST_CASE("a password from a file opens the broker, a wrong one is told, and a corrected one needs no restart") {
  support::Mosquitto::Options options;
  options.user = "meter";
  options.password = "very secret words";
  support::Mosquitto broker{options};
  const support::TemporaryDirectory folder;
  BrokerWorld world{broker.port()};
  world.options.mqtt.username = "meter";
  world.options.mqtt.password_file = folder.write("password", "wrong secret words\n");
  attempt(world);
  CHECK(world.sink.count(log::Level::error) == 1);
  CHECK(world.sink.contains("it refuses user meter: check the name and the password"));
  folder.write("password", "very secret words\n");
  world.until_online();
  for (const auto& entry : world.sink.entries()) CHECK(entry.message.find("secret words") == std::string::npos);
}

TEST_CASE("a broker that wants a password says so to a daemon that has none") {
  support::Mosquitto::Options options;
  options.user = "meter";
  options.password = "x";
  support::Mosquitto broker{options};
  BrokerWorld world{broker.port()};
  attempt(world);
  CHECK(world.sink.contains("it wants a user and a password"));
}

TEST_CASE("a password file that cannot be read is told, and tried again") {
  support::Mosquitto broker;
  const support::TemporaryDirectory folder;
  BrokerWorld world{broker.port()};
  world.options.mqtt.password_file = folder.file("missing");
  attempt(world);
  CHECK(world.sink.contains("the password file " + folder.file("missing") + " cannot be read (No such file or directory)"));
  folder.write("missing", "x\n");
  world.until_online();
}

TEST_CASE("a broker with a certificate of the given authority is trusted, by name and by address") {
  const support::CertificateAuthority authority;
  support::Mosquitto broker{tls(authority, authority.issue("broker", "DNS:localhost,IP:127.0.0.1"))};
  const auto* host = GENERATE("localhost", "127.0.0.1");
  BrokerWorld world{broker.port(), "mqtts", host};
  world.options.mqtt.ca_file = authority.ca_file();
  attempt(world);
  world.until_online();
  CHECK(world.sink.count(log::Level::warning) == 0);
  CHECK(world.stop() <= 500ms);
}

TEST_CASE("a certificate for another host is refused") {
  const support::CertificateAuthority authority;
  support::Mosquitto broker{tls(authority, authority.issue("broker", "DNS:elsewhere.example"))};
  const auto* host = GENERATE("localhost", "127.0.0.1");
  BrokerWorld world{broker.port(), "mqtts", host};
  world.options.mqtt.ca_file = authority.ca_file();
  attempt(world);
  CHECK_FALSE(world.publisher->is_online());
  CHECK(world.sink.count(log::Level::error) == 1);
  CHECK(world.sink.contains("its certificate is for another host than " + std::string{host}));
}

TEST_CASE("a certificate of an unknown authority is refused") {
  const support::CertificateAuthority authority;
  const support::CertificateAuthority stranger;
  support::Mosquitto broker{tls(authority, authority.issue("broker", "DNS:localhost"))};
  BrokerWorld world{broker.port(), "mqtts", "localhost"};
  SECTION("with the system's authorities") {}
  SECTION("with another authority") { world.options.mqtt.ca_file = stranger.ca_file(); }
  attempt(world);
  CHECK(world.sink.count(log::Level::error) == 1);
  CHECK(world.sink.contains("its certificate is not accepted"));
}

TEST_CASE("an expired certificate is refused, and a renewed one is taken") {
  const support::CertificateAuthority authority;
  const auto expired = authority.issue("broker", "DNS:localhost", true);
  support::Mosquitto broker{tls(authority, expired)};
  BrokerWorld world{broker.port(), "mqtts", "localhost"};
  world.options.mqtt.ca_file = authority.ca_file();
  attempt(world);
  CHECK(world.sink.contains("certificate has expired"));
  const auto renewed = authority.issue("broker", "DNS:localhost");
  REQUIRE(renewed.cert_file == expired.cert_file);
  broker.stop();
  broker.start();
  world.until_online();
}

TEST_CASE("a broker that wants a client certificate gets ours") {
  const support::CertificateAuthority authority;
  auto options = tls(authority, authority.issue("broker", "DNS:localhost"));
  options.wants_client_certificate = true;
  support::Mosquitto broker{options};
  BrokerWorld world{broker.port(), "mqtts", "localhost"};
  world.options.mqtt.ca_file = authority.ca_file();
  SECTION("with one") {
    const auto ours = authority.issue("meter", "DNS:meter");
    world.options.mqtt.cert_file = ours.cert_file;
    world.options.mqtt.key_file = ours.key_file;
    attempt(world);
    world.until_online();
    CHECK(world.sink.count(log::Level::warning) == 0);
  }
  SECTION("without one") {
    attempt(world);
    CHECK_FALSE(world.publisher->is_online());
    CHECK_FALSE(world.sink.contains("connected to"));
  }
}

TEST_CASE("certificate files that are missing or no certificates are named") {
  const support::CertificateAuthority authority;
  support::Mosquitto broker{tls(authority, authority.issue("broker", "DNS:localhost"))};
  const support::TemporaryDirectory folder;
  BrokerWorld world{broker.port(), "mqtts", "localhost"};
  SECTION("a missing authority") {
    world.options.mqtt.ca_file = folder.file("none.pem");
    attempt(world);
    CHECK(world.sink.contains("the file " + folder.file("none.pem") + " cannot be read"));
  }
  SECTION("an authority that is no certificate") {
    world.options.mqtt.ca_file = folder.write("text.pem", "hello\n");
    attempt(world);
    CHECK(world.sink.contains("holds no usable certificate"));
  }
  SECTION("a key of another certificate") {
    const auto ours = authority.issue("meter", "DNS:meter");
    world.options.mqtt.ca_file = authority.ca_file();
    world.options.mqtt.cert_file = ours.cert_file;
    world.options.mqtt.key_file = authority.issue("other", "DNS:other").key_file;
    attempt(world);
    CHECK(world.sink.contains("holds no usable private key"));
  }
  CHECK(world.sink.count(log::Level::error) == 1);
}

TEST_CASE("a broker that is not verified on request is taken, whatever its certificate says, and told") {
  const support::CertificateAuthority authority;
  const bool is_expired = GENERATE(false, true);
  support::Mosquitto broker{tls(authority, authority.issue("broker", "DNS:elsewhere.example", is_expired))};
  const auto* host = GENERATE("localhost", "127.0.0.1");
  BrokerWorld world{broker.port(), "mqtts", host};
  world.options.mqtt.insecure_skip_tls_verify = true;
  attempt(world);
  world.until_online();
  CHECK(world.sink.count_id(log::message_id::broker_unverified) == 1);
  CHECK(world.sink.contains("mqtt.insecure_skip_tls_verify is true"));
  CHECK(world.sink.contains("(MQTT 5, its certificate NOT verified)"));
  CHECK(world.sink.count(log::Level::error) == 0);

  // What a reload does that takes the key away.
  world.options.mqtt.insecure_skip_tls_verify = false;
  world.sink.clear();
  attempt(world);
  CHECK_FALSE(world.publisher->is_online());
  CHECK(world.sink.count(log::Level::error) == 1);
  CHECK(world.sink.contains("its certificate is not accepted"));
  CHECK(world.sink.count_id(log::message_id::broker_unverified) == 0);
}

TEST_CASE("without verification a client certificate is shown all the same, and what else fails is told as it is") {
  const support::CertificateAuthority authority;
  auto options = tls(authority, authority.issue("broker", "DNS:localhost"));
  options.wants_client_certificate = true;
  support::Mosquitto broker{options};
  BrokerWorld world{broker.port(), "mqtts", "localhost"};
  world.options.mqtt.insecure_skip_tls_verify = true;
  const auto is_refused = [&] {
    return world.sink.count(log::Level::error) + world.sink.count_id(log::message_id::broker_lost) > 0;
  };
  SECTION("with one") {
    const auto ours = authority.issue("meter", "DNS:meter");
    world.options.mqtt.cert_file = ours.cert_file;
    world.options.mqtt.key_file = ours.key_file;
    world.begin();
    world.until_online();
    CHECK_FALSE(is_refused());
  }
  SECTION("without one") {
    world.begin();
    world.until(is_refused);
    CHECK_FALSE(world.publisher->is_online());
    CHECK_FALSE(world.sink.contains("connected to"));
    CHECK_FALSE(world.sink.contains("is not accepted"));
  }
}

TEST_CASE("TLS spoken to a plain port, and the other way round, is told and survived") {
  support::Mosquitto plain;
  BrokerWorld world{plain.port(), "mqtts", "localhost"};
  attempt(world);
  CHECK(world.sink.contains("TLS handshake fails"));

  const support::CertificateAuthority authority;
  support::Mosquitto encrypted{tls(authority, authority.issue("broker", "DNS:localhost"))};
  BrokerWorld other{encrypted.port()};
  attempt(other);
  CHECK(other.sink.contains("closed the connection without an answer"));
}

TEST_CASE("a broker that can do no better than TLS 1.1 is refused, verified or not") {
  const support::CertificateAuthority authority;
  const auto pair = authority.issue("broker", "DNS:localhost");
  const auto port = support::free_port();
  const support::TemporaryDirectory folder;
  const support::Process server{{"openssl", "s_server", "-accept", std::to_string(port), "-cert", pair.cert_file, "-key",
                                 pair.key_file, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet"},
                                folder.file("log")};
  support::wait_for_listener(port);
  BrokerWorld world{port, "mqtts", "localhost"};
  SECTION("verified") { world.options.mqtt.ca_file = authority.ca_file(); }
  SECTION("not verified") { world.options.mqtt.insecure_skip_tls_verify = true; }
  world.begin();
  world.until([&] { return world.sink.count(log::Level::error) > 0; });
  CHECK(world.sink.count(log::Level::error) == 1);
  CHECK(world.sink.contains("TLS handshake fails"));
}
