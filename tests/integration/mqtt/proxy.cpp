#include "proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

namespace rbamp::support {
namespace {

constexpr int tick_ms = 20;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool is_readable(int fd, int wait_ms) {
  pollfd wanted{fd, POLLIN, 0};
  return poll(&wanted, 1, wait_ms) > 0;
}

bool send_all(int fd, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Fixed header of one or two bytes, then "MQTT" and the level.
bool is_connect_of_v5(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 10 || bytes[0] != 0x10) return false;
  const std::size_t header = (bytes[1] & 0x80U) != 0 ? 3 : 2;
  return bytes[header + 6] == 5;
}

}  // namespace

Proxy::Proxy(std::uint16_t broker_port) : broker_port_(broker_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_.get(), 16) != 0 ||
      getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

Proxy::~Proxy() {
  is_ending_ = true;
  acceptor_.join();
  for (auto& carrier : carriers_) carrier.join();
}

void Proxy::cut() { ++epoch_; }

void Proxy::accept_all() {
  while (!is_ending_) {
    if (!is_readable(listener_.get(), tick_ms)) continue;
    const int client = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    ++connections_;
    const std::scoped_lock lock{mutex_};
    carriers_.emplace_back([this, client] { carry(client); });
  }
}

void Proxy::carry(int client_fd) {
  const Fd client{client_fd};
  const Fd broker{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = loopback(broker_port_);
  if (connect(broker.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  const int epoch = epoch_;
  int to_broker = 0;
  std::array<std::uint8_t, 4096> buffer{};
  while (!is_ending_ && epoch == epoch_) {
    std::array<pollfd, 2> wanted{pollfd{client.get(), POLLIN, 0}, pollfd{broker.get(), POLLIN, 0}};
    if (is_swallowing_) {
      std::this_thread::sleep_for(std::chrono::milliseconds{tick_ms});
      continue;
    }
    if (poll(wanted.data(), wanted.size(), tick_ms) <= 0) continue;
    for (std::size_t side = 0; side < wanted.size(); ++side) {
      if (wanted[side].revents == 0) continue;
      const bool is_to_broker = side == 0;
      const auto got = recv(wanted[side].fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      std::span<std::uint8_t> bytes{buffer.data(), static_cast<std::size_t>(got)};
      if (const int delay = delay_ms_; delay > 0) std::this_thread::sleep_for(std::chrono::milliseconds{delay});
      if (is_to_broker && to_broker == 0 && is_refusing_v5_ && is_connect_of_v5(bytes)) {
        constexpr std::array<std::uint8_t, 4> refusal{0x20, 0x02, 0x00, 0x01};  // as a 3.1.1 broker answers
        send_all(client.get(), refusal);
        return;
      }
      if (is_to_broker) {
        if (const int nth = corruption_; nth > 0) {
          for (std::size_t i = 0; i < bytes.size(); ++i) {
            if ((to_broker + static_cast<int>(i)) % nth == nth - 1) bytes[i] ^= 0x10U;
          }
        }
        const int limit = cut_after_;
        if (limit >= 0 && to_broker + static_cast<int>(bytes.size()) > limit) {
          send_all(broker.get(), bytes.first(static_cast<std::size_t>(std::max(0, limit - to_broker))));
          return;
        }
        to_broker += static_cast<int>(bytes.size());
      }
      if (!send_all(is_to_broker ? broker.get() : client.get(), bytes)) return;
    }
  }
}

}  // namespace rbamp::support
