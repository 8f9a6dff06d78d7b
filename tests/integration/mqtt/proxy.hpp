// A TCP proxy in front of a broker that delays, swallows, cuts, halves and corrupts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

#include "base/fd.hpp"

namespace rbamp::support {

class Proxy {
 public:
  explicit Proxy(std::uint16_t broker_port);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void set_delay(std::chrono::milliseconds each_way) { delay_ms_ = static_cast<int>(each_way.count()); }
  /// Connections stay open, nothing passes: a network that forgot us.
  void set_swallowing(bool yes) { is_swallowing_ = yes; }
  /// One bit of every n-th byte to the broker is turned over; 0: none.
  void set_corruption(int every_nth_byte) { corruption_ = every_nth_byte; }
  /// Forwards at most this many more bytes of each connection to the broker, then cuts it; -1: all.
  void set_cut_after(int bytes) { cut_after_ = bytes; }
  /// Answers a CONNECT of MQTT 5 as a broker that only speaks 3.1.1 does.
  void set_refusing_v5(bool yes) { is_refusing_v5_ = yes; }
  /// Ends every connection, as a power cut of the router does.
  void cut();
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all();
  void carry(int client);

  std::uint16_t broker_port_;
  Fd listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> delay_ms_ = 0;
  std::atomic<bool> is_swallowing_ = false;
  std::atomic<int> corruption_ = 0;
  std::atomic<int> cut_after_ = -1;
  std::atomic<bool> is_refusing_v5_ = false;
  std::atomic<int> connections_ = 0;
  std::atomic<int> epoch_ = 0;  ///< connections of an earlier one end
  std::atomic<bool> is_ending_ = false;
  std::mutex mutex_;
  std::list<std::thread> carriers_;  // guarded by mutex_
  std::thread acceptor_;
};

}  // namespace rbamp::support
