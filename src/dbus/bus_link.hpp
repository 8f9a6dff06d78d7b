// A connection to a message bus that never holds the loop: opened on a thread of its own, driven by the loop, opened anew when it is lost.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "dbus/compat.hpp"
#include "loop/executor.hpp"
#include "loop/loop.hpp"
#include "loop/worker_thread.hpp"

namespace rbamp::dbus {

/// sdbus-c++ has no way to connect, request a name or add a match without waiting for the bus (1.2), so those happen on a thread that ends
/// with them. From then on only the loop thread uses the connection. Sending does not block: libsystemd queues what the socket does not
/// take, and is_congested() says so.
///
/// Loop thread, all of it but the hook `prepare`. Attempts come after 1, 2, 4 .. 60 s; one that lasted for a
/// minute is tried again after 1 s when it is lost.
class BusLink {
 public:
  struct Hooks {
    /// On the other thread; may block; what it refuses counts as a failed attempt. Must not use what the loop thread owns: the link may
    /// be gone by then. Handlers of matches that it adds run on the loop thread later.
    std::function<Result<void>(sdbus::IConnection&)> prepare;
    std::function<void(sdbus::IConnection&)> connected;
    /// The connection is useless or about to be closed: drop every object, proxy and message of it before returning.
    std::function<void()> disconnecting;
    /// An attempt failed, or the connection was lost; the next one is planned.
    std::function<void(const Error&)> failed;
  };

  /// `address` empty: the system bus.
  BusLink(loop::Loop& loop, std::string address, Hooks hooks);
  BusLink(const BusLink&) = delete;
  BusLink& operator=(const BusLink&) = delete;
  /// Takes at most a second, even when the bus hangs.
  ~BusLink();

  void start() { open(); }
  /// Null while there is none.
  [[nodiscard]] sdbus::IConnection* connection() { return connection_.get(); }
  /// What was sent waits in memory because the bus does not read: send nothing that can be left out.
  [[nodiscard]] bool is_congested() const { return is_congested_; }

  /// Runs what sends something by itself (not an answer inside a handler). False: it failed, and the connection will be given up.
  bool send(const std::function<void()>& what);

  static constexpr Microseconds first_pause = std::chrono::seconds{1};
  static constexpr Microseconds longest_pause = std::chrono::seconds{60};

 private:
  struct Outcome;
  struct Handover;

  void open();
  void opened(Outcome& outcome);
  void pump();
  void watch();
  void lose(const Error& error);
  void lose_soon(const Error& error);
  void close();
  void plan_next();

  loop::Loop& loop_;
  std::string address_;
  Hooks hooks_;
  std::unique_ptr<loop::WorkerThread> opener_;
  std::shared_ptr<Handover> handover_;
  std::unique_ptr<sdbus::IConnection> connection_;
  bool is_pumping_ = false;
  bool is_congested_ = false;
  std::uint32_t watched_events_ = 0;
  Microseconds pause_ = first_pause;
  BootTime connected_at_{};
  loop::Watch watch_;
  loop::Timer timeout_;
  loop::Timer next_attempt_;
  loop::Alive alive_;
};

}  // namespace rbamp::dbus
