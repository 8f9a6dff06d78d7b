#include "mosquitto.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/fd.hpp"

namespace rbamp::support {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

std::uint16_t free_port() {
  const Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

void wait_for_listener(std::uint16_t port) {
  for (int i = 0; i < 2000; ++i) {
    const Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto address = loopback(port);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  throw std::runtime_error("nobody listens on port " + std::to_string(port));
}

Mosquitto::Mosquitto(Options options, std::uint16_t port) : port_(port) {
  std::string text = "listener " + std::to_string(port_) + " 127.0.0.1\nlog_dest stdout\nlog_type all\n";
  text += "user " + std::string{geteuid() == 0 ? "root" : "nobody"} + "\n";  // else it would change user and not read our files
  if (options.is_persistent) text += "persistence true\npersistence_location " + folder_.path().string() + "/\n";
  if (options.user.empty()) {
    text += "allow_anonymous true\n";
  } else {
    run({"mosquitto_passwd", "-b", "-c", folder_.file("passwords"), options.user, options.password}, folder_.file("passwd.log"));
    text += "allow_anonymous false\npassword_file " + folder_.file("passwords") + "\n";
  }
  if (!options.ca_file.empty()) {
    text += "cafile " + options.ca_file + "\ncertfile " + options.cert_file + "\nkeyfile " + options.key_file + "\n";
    if (options.wants_client_certificate) text += "require_certificate true\n";
  }
  config_file_ = folder_.write("mosquitto.conf", text);
  start();
}

void Mosquitto::start() {
  const bool is_in_sbin = std::filesystem::exists("/usr/sbin/mosquitto");
  process_.emplace(std::vector<std::string>{is_in_sbin ? "/usr/sbin/mosquitto" : "mosquitto", "-c", config_file_},
                   folder_.file("log"));
  wait_for_listener(port_);
}

void Mosquitto::stop() {
  process_->signal(SIGTERM);
  process_->wait();
  process_.reset();
}

void Mosquitto::kill() { process_.reset(); }

}  // namespace rbamp::support
