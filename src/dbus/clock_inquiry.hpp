// Whether the host's clock is synchronised, as systemd-timedated says.
#pragma once

#include <functional>
#include <memory>

#include "base/result.hpp"
#include "dbus/bus_link.hpp"
#include "dbus/compat.hpp"
#include "loop/loop.hpp"

namespace rbamp::dbus {

/// For a service whose sandbox refuses to ask the kernel. timedated asks it for whoever wants to know, and ends again when nobody
/// does; it does not tell when the answer changes. So it is asked once in the beginning, whenever somebody has a reason to
/// (a clock that was set, a time server that answered), and from time to time: soon at first and ever more rarely while the clock
/// is not synchronised, hourly when it is.
///
/// Loop thread; nothing blocks. An object of it belongs to one connection after another: connected() and disconnected() by turns.
class ClockInquiry {
 public:
  /// Errors: dbus_missing with wait: nobody can be asked now; it is asked again.
  using Answered = std::function<void(const Result<bool>&)>;

  struct Pauses {
    Microseconds first = std::chrono::seconds{10};  ///< doubles, while the clock is not synchronised
    Microseconds longest = std::chrono::minutes{5};
    Microseconds when_synchronised = std::chrono::hours{1};
  };

  ClockInquiry(loop::Loop& loop, BusLink& link, Answered answered) : ClockInquiry(loop, link, std::move(answered), Pauses{}) {}
  ClockInquiry(loop::Loop& loop, BusLink& link, Answered answered, Pauses pauses)
      : loop_(loop), link_(link), answered_(std::move(answered)), pauses_(pauses), pause_(pauses.first) {}

  void connected(sdbus::IConnection& connection);
  void disconnected();
  /// The answer to what was asked before does not count any more. Without a connection: when there is one.
  void ask();
  [[nodiscard]] bool is_synchronised() const { return is_synchronised_; }

 private:
  void send();
  void answer(const Result<bool>& said);

  loop::Loop& loop_;
  BusLink& link_;
  Answered answered_;
  Pauses pauses_;
  Microseconds pause_;
  bool is_pending_ = false;
  bool is_outdated_ = false;  ///< what is pending was asked before something happened
  bool is_synchronised_ = false;
  std::unique_ptr<sdbus::IProxy> timedated_;
  loop::Timer next_;
};

}  // namespace rbamp::dbus
