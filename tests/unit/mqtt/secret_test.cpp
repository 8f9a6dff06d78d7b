#include "mqtt/secret.hpp"

#include <cstdlib>

#include "mqtt/connection.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::mqtt;

namespace {

/// Sets the variable that systemd would set, for one test.
class Credentials {
 public:
  explicit Credentials(const std::string& folder) { setenv("CREDENTIALS_DIRECTORY", folder.c_str(), 1); }
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  ~Credentials() { unsetenv("CREDENTIALS_DIRECTORY"); }
};

}  // namespace

TEST_CASE("the line end after a password is not part of it") {
  const support::TemporaryDirectory folder;
  CHECK(load_password(folder.write("a", "secret\n")) == "secret");
  CHECK(load_password(folder.write("b", "secret\r\n")) == "secret");
  CHECK(load_password(folder.write("c", "secret")) == "secret");
  CHECK(load_password(folder.write("d", " sec ret \n\n")) == " sec ret \n");
  CHECK(load_password(folder.write("e", "")) == "");
}

TEST_CASE("without a file the systemd credential is used, without both there is none") {
  CHECK(load_password("") == "");
  const support::TemporaryDirectory folder;
  const Credentials credentials{folder.path().string()};
  CHECK(load_password("") == "");
  folder.write("mqtt-password", "from systemd\n");
  CHECK(load_password("") == "from systemd");
  CHECK(load_password(folder.write("own", "own\n")) == "own");
}

TEST_CASE("a systemd credential without content is no password, and says where to look: it stands for a file that is missing") {
  const support::TemporaryDirectory folder;
  const Credentials credentials{folder.path().string()};
  folder.write("mqtt-password", "\n");
  const auto empty = load_password("");
  REQUIRE_FALSE(empty);
  CHECK(empty.error().detail.find("LoadCredential=") != std::string::npos);
}

TEST_CASE("a password file that cannot be read is named, with the reason") {
  const support::TemporaryDirectory folder;
  const auto missing = load_password(folder.file("none"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().detail.find(folder.file("none")) != std::string::npos);
  CHECK(missing.error().detail.find("No such file") != std::string::npos);
  const auto is_folder = load_password(folder.path().string());
  REQUIRE_FALSE(is_folder);
  CHECK(is_folder.error().is(Errc::config_invalid));
}

TEST_CASE("what is too long for MQTT is refused without being shown") {
  const support::TemporaryDirectory folder;
  CHECK(load_password(folder.write("just", std::string(65535, 'x') + "\r\n")));
  const auto refused = load_password(folder.write("big", std::string(65536, 'x')));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("xxx") == std::string::npos);
}

TEST_CASE("the fingerprint of the files changes with what they hold, and with nothing else") {
  const support::TemporaryDirectory folder;
  ConnectRequest request;
  request.password_file = folder.write("password", "secret\n");
  request.tls.ca_file = folder.write("ca.pem", "authority");
  request.tls.cert_file = folder.write("cert.pem", "certificate");
  request.tls.key_file = folder.write("key.pem", "key");
  const auto before = fingerprint(request);
  CHECK(fingerprint(request) == before);
  folder.write("password", "secret");  // the line end is not part of it
  CHECK(fingerprint(request) == before);
  SECTION("the password") { folder.write("password", "Secret"); }
  SECTION("the authority") { folder.write("ca.pem", "authority\n"); }
  SECTION("the certificate, to the last byte of a long one") {
    folder.write("cert.pem", std::string(100'000, 'x'));
    const auto with_long = fingerprint(request);
    folder.write("cert.pem", std::string(99'999, 'x') + "y");
    CHECK(fingerprint(request) != with_long);
  }
  SECTION("the key") { folder.write("key.pem", "yek"); }
  SECTION("a file that moved its end to the next one") {
    folder.write("cert.pem", "certificatek");
    folder.write("key.pem", "ey");
  }
  SECTION("a file that went away") { request.tls.key_file = folder.file("none"); }
  SECTION("a folder in its place") { request.tls.ca_file = folder.path().string(); }
  CHECK(fingerprint(request) != before);
}

TEST_CASE("the configuration becomes a connection request") {
  config::Mqtt settings;
  settings.broker = "mqtts://broker.example";
  settings.username = "meter";
  settings.ca_file = "/ca.pem";
  const auto request = connect_request(settings, {"rbamp/status", "offline", true});
  REQUIRE(request);
  CHECK(request->broker.is_tls);
  CHECK(to_string(request->broker) == "mqtts://broker.example:8883");
  CHECK(request->client_id == "rbampd");
  CHECK(request->username == "meter");
  CHECK(request->tls.ca_file == "/ca.pem");
  CHECK(request->will.payload == "offline");
  settings.broker = "http://broker.example";
  CHECK_FALSE(connect_request(settings, {}));
}

TEST_CASE("an IPv6 broker is written with brackets") {
  config::Mqtt settings;
  settings.broker = "mqtt://[fd00::1]";
  const auto request = connect_request(settings, {});
  REQUIRE(request);
  CHECK(to_string(request->broker) == "mqtt://[fd00::1]:1883");
}
