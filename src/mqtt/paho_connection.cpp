#include "mqtt/paho_connection.hpp"

#include <mutex>
#include <utility>

namespace rbamp::mqtt {
namespace {

constexpr Microseconds farewell_limit = std::chrono::milliseconds{300};

}  // namespace

/// Touched by jobs of the worker only.
struct PahoConnection::Shared {
  std::unique_ptr<PahoLink> link;
};

/// The way to the loop. An abandoned worker, and Paho's threads behind it, may outlive the loop itself: then the way is closed.
class PahoConnection::Gate {
 public:
  explicit Gate(loop::Scheduler& scheduler) : scheduler_(&scheduler) {}
  void post(std::function<void()> callback) {
    const std::scoped_lock lock{mutex_};
    if (scheduler_ != nullptr) scheduler_->post(std::move(callback));
  }
  void close() {
    const std::scoped_lock lock{mutex_};
    scheduler_ = nullptr;
  }

 private:
  std::mutex mutex_;
  loop::Scheduler* scheduler_;
};

PahoConnection::PahoConnection(loop::Scheduler& scheduler)
    : gate_(std::make_shared<Gate>(scheduler)), shared_(std::make_shared<Shared>()) {}

PahoConnection::~PahoConnection() {
  events_ = nullptr;
  gate_->close();
  // Whoever did not disconnect in order ends by accident, and what is shown of us must not look alive for ever.
  run([](Shared& shared) {
    if (shared.link) shared.link->leave_will();
    shared.link.reset();
  });
  // False: the worker hangs and keeps `Shared` alive by the job that hangs. Nothing else refers to it.
  static_cast<void>(worker_.stop(farewell_limit));
}

void PahoConnection::run(std::function<void(Shared&)> job) {
  worker_.run([shared = shared_, job = std::move(job)] { job(*shared); });
}

std::function<void(std::function<void(PahoConnection&)>)> PahoConnection::poster(Generation generation) {
  return [this, gate = gate_, guard = alive_.guard(), generation](std::function<void(PahoConnection&)> what) {
    gate->post([this, guard, generation, what = std::move(what)] {
      if (guard.expired() || generation != generation_ || events_ == nullptr) return;
      what(*this);
    });
  };
}

PahoLink::Reports PahoConnection::reports(Generation generation) {
  const auto post = poster(generation);
  return {
      .connected = [post] { post([](PahoConnection& self) { self.events_->on_connected(); }); },
      .connect_failed = [post] { post([](PahoConnection& self) { self.explain(); }); },
      .lost =
          [post](std::string words) {
            post([words = std::move(words)](PahoConnection& self) {
              self.end([&words](ConnectionEvents& events) { events.on_lost(words); });
            });
          },
      .message =
          [post](Message message) {
            post([message = std::move(message)](PahoConnection& self) { self.events_->on_message(message); });
          },
      .delivered =
          [post](Ticket ticket, std::string refusal) {
            post([ticket, refusal = std::move(refusal)](PahoConnection& self) { self.events_->on_delivered(ticket, refusal); });
          },
      .subscribed =
          [post](std::string filter, std::string refusal) {
            post([filter = std::move(filter), refusal = std::move(refusal)](PahoConnection& self) {
              self.events_->on_subscribed(filter, refusal);
            });
          },
      .closed = [post] { post([](PahoConnection& self) { self.end([](ConnectionEvents& events) { events.on_closed(); }); }); },
  };
}

void PahoConnection::connect(ConnectRequest request) {
  const Generation generation = ++generation_;
  run([post = poster(generation), request = std::move(request), reports = reports(generation)](Shared& shared) {
    shared.link.reset();  // before the next one begins: two clients of one id would throw each other out
    shared.link = std::make_unique<PahoLink>(request, reports);
    if (const auto failure = shared.link->connect()) {
      post([failure = *failure](PahoConnection& self) {
        self.end([&failure](ConnectionEvents& events) { events.on_connect_failed(failure); });
      });
    }
  });
}

void PahoConnection::explain() {
  run([post = poster(generation_)](Shared& shared) {
    if (!shared.link) return;
    post([failure = shared.link->explain()](PahoConnection& self) {
      self.end([&failure](ConnectionEvents& events) { events.on_connect_failed(failure); });
    });
  });
}

/// Nothing more comes from this connection; the handler of the event may begin the next one.
void PahoConnection::end(const std::function<void(ConnectionEvents&)>& event) {
  ++generation_;
  run([](Shared& shared) { shared.link.reset(); });
  event(*events_);
}

void PahoConnection::publish(Ticket ticket, Message message) {
  run([ticket, message = std::move(message)](Shared& shared) {
    if (shared.link) shared.link->publish(ticket, message);
  });
}

void PahoConnection::subscribe(std::string filter) {
  run([filter = std::move(filter)](Shared& shared) {
    if (shared.link) shared.link->subscribe(filter);
  });
}

void PahoConnection::unsubscribe(std::string filter) {
  run([filter = std::move(filter)](Shared& shared) {
    if (shared.link) shared.link->unsubscribe(filter);
  });
}

void PahoConnection::check_files() {
  run([post = poster(generation_)](Shared& shared) {
    if (shared.link && shared.link->is_outdated()) post([](PahoConnection& self) { self.events_->on_outdated(); });
  });
}

void PahoConnection::disconnect() {
  run([](Shared& shared) {
    if (shared.link) shared.link->disconnect();
  });
}

void PahoConnection::abandon() {
  ++generation_;
  run([](Shared& shared) {
    if (shared.link) shared.link->leave_will();
    shared.link.reset();
  });
}

}  // namespace rbamp::mqtt
