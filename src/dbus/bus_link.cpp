#include "dbus/bus_link.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <mutex>
#include <system_error>

namespace rbamp::dbus {
namespace {

/// So many messages are handled before other events of the loop get their turn: a chatty bus must not delay a latch.
constexpr unsigned most_in_a_row = 32;
constexpr Microseconds opener_patience = std::chrono::seconds{1};

Error as_error(const sdbus::Error& error) {
  const std::string& name = error.getName();
  const std::string& words = error.getMessage();
  if (name == "org.freedesktop.DBus.Error.AccessDenied") return {Errc::daemon_refused, Remedy::wait, words};
  return {Errc::dbus_missing, Remedy::wait, words.empty() ? name : words};
}

}  // namespace

struct BusLink::Outcome {
  std::unique_ptr<sdbus::IConnection> connection;
  Error error;  ///< without a connection
};

/// What the opening thread may still reach when the link is gone: nothing, then.
struct BusLink::Handover {
  std::mutex mutex;
  loop::Loop* loop = nullptr;  ///< guarded; null: nobody waits any more
};

BusLink::BusLink(loop::Loop& loop, std::string address, Hooks hooks)
    : loop_(loop), address_(std::move(address)), hooks_(std::move(hooks)), handover_(std::make_shared<Handover>()) {
  handover_->loop = &loop_;
}

BusLink::~BusLink() {
  {
    const std::scoped_lock lock{handover_->mutex};
    handover_->loop = nullptr;
  }
  // A bus that hangs keeps the thread; it owns all it uses and ends when libsystemd gives up.
  if (opener_) [[maybe_unused]]
    const bool has_ended = opener_->stop(opener_patience);
  if (connection_) close();
}

void BusLink::open() {
  auto attempt = [address = address_, prepare = hooks_.prepare]() -> Outcome {
    try {
      auto connection = compat::open_bus(address);
      if (auto ready = prepare(*connection); !ready) return {nullptr, ready.error()};
      return {std::move(connection), {}};
    } catch (const sdbus::Error& error) {
      return {nullptr, as_error(error)};
    }
  };
  try {
    opener_ = std::make_unique<loop::WorkerThread>("rbampd-dbus");
  } catch (const std::system_error& error) {  // no thread to be had: metering is worth more than the bus
    plan_next();
    hooks_.failed({Errc::dbus_missing, Remedy::wait, std::string{"no thread to connect with: "} + error.what()});
    return;
  }
  opener_->run([this, attempt = std::move(attempt), handover = handover_, guard = alive_.guard()] {
    auto outcome = std::make_shared<Outcome>(attempt());
    const std::scoped_lock lock{handover->mutex};
    if (handover->loop == nullptr) return;
    handover->loop->post([this, guard, outcome = std::move(outcome)] {
      if (!guard.expired()) opened(*outcome);
    });
  });
}

void BusLink::opened(Outcome& outcome) {
  opener_.reset();
  if (!outcome.connection) {
    plan_next();
    hooks_.failed(outcome.error);
    return;
  }
  connection_ = std::move(outcome.connection);
  connected_at_ = loop_.clock().boot_now();
  if (!send([this] { hooks_.connected(*connection_); })) return;
  pump();  // what came while the name was asked for waits in memory, not in the socket
}

bool BusLink::send(const std::function<void()>& what) {
  if (!connection_) return false;
  try {
    what();
    if (!is_pumping_) watch();
    return true;
  } catch (const sdbus::Error& error) {
    lose_soon(as_error(error));
    return false;
  }
}

void BusLink::pump() {
  is_pumping_ = true;
  try {
    for (unsigned n = 0; n < most_in_a_row && compat::step(*connection_); ++n) {
    }
    is_pumping_ = false;
    watch();
  } catch (const sdbus::Error& error) {
    is_pumping_ = false;
    lose(as_error(error));
  }
}

void BusLink::watch() {
  const auto poll = connection_->getEventLoopPollData();
  const auto events = static_cast<std::uint32_t>(poll.events);  // POLLIN and POLLOUT are the numbers of EPOLLIN and EPOLLOUT
  is_congested_ = (events & EPOLLOUT) != 0;
  if (!watch_.is_set() || events != watched_events_) {
    watched_events_ = events;
    watch_.cancel();  // the loop takes a descriptor once
    watch_ = loop_.watch_fd(poll.fd, events, [this](std::uint32_t) { pump(); });
  }
  const auto wait = compat::wait_of(poll);
  if (wait) {
    timeout_ = loop_.call_after(std::chrono::duration_cast<Microseconds>(*wait), [this] { pump(); });
  } else {
    timeout_.cancel();
  }
}

void BusLink::lose(const Error& error) {
  close();
  if (loop_.clock().boot_now() - connected_at_ > longest_pause) pause_ = first_pause;
  plan_next();
  hooks_.failed(error);
}

/// Whoever sent still stands on objects of the connection.
void BusLink::lose_soon(const Error& error) {
  loop_.post([this, guard = alive_.guard(), broken = connection_.get(), error] {
    if (!guard.expired() && connection_ && connection_.get() == broken) lose(error);
  });
}

void BusLink::close() {
  watch_.cancel();
  timeout_.cancel();
  hooks_.disconnecting();
  if (!std::exchange(is_congested_, false)) {
    connection_.reset();
    return;
  }
  // libsystemd flushes before it closes, which waits for a bus that does not read.
  loop::WorkerThread closer{"rbampd-dbus"};
  closer.run(
      [connection = std::make_shared<std::unique_ptr<sdbus::IConnection>>(std::move(connection_))] { connection->reset(); });
  [[maybe_unused]] const bool has_ended = closer.stop(opener_patience / 10);
}

void BusLink::plan_next() {
  next_attempt_ = loop_.call_after(pause_, [this] { open(); });
  pause_ = std::min(pause_ * 2, longest_pause);
}

}  // namespace rbamp::dbus
