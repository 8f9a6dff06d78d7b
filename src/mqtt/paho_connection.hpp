// Connection over Eclipse Paho's C++ client (1.2 and 1.5): translation and threads, nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "loop/executor.hpp"
#include "loop/scheduler.hpp"
#include "loop/worker_thread.hpp"
#include "mqtt/connection.hpp"
#include "mqtt/paho_link.hpp"

namespace rbamp::mqtt {

/// Everything that Paho can block in runs on a worker thread of ours: destroying a client sleeps 100 ms, and any call waits for a
/// mutex that Paho's send thread holds while it resolves a name. Paho's own callbacks only post to the loop. No state is shared.
///
/// One Paho client per connection: after a loss Paho C++ keeps the tokens of unacknowledged messages until the client is destroyed.
///
/// The destructor (loop thread) waits at most 300 ms for the worker; when that hangs in a name server, its thread is abandoned with
/// what it uses and ends when that answers.
class PahoConnection final : public Connection {
 public:
  explicit PahoConnection(loop::Scheduler& scheduler);
  ~PahoConnection() override;

  void set_events(ConnectionEvents* events) override { events_ = events; }
  void connect(ConnectRequest request) override;
  void publish(Ticket ticket, Message message) override;
  void subscribe(std::string filter) override;
  void unsubscribe(std::string filter) override;
  void check_files() override;
  void disconnect() override;
  void abandon() override;

 private:
  struct Shared;
  class Gate;

  /// Which of our connections an answer belongs to; answers of earlier ones are dropped.
  using Generation = std::uint64_t;

  /// Runs on the loop, if this object still lives and the connection is still the one of `generation`.
  [[nodiscard]] std::function<void(std::function<void(PahoConnection&)>)> poster(Generation generation);
  [[nodiscard]] PahoLink::Reports reports(Generation generation);
  void run(std::function<void(Shared&)> job);
  void explain();
  void end(const std::function<void(ConnectionEvents&)>& event);

  std::shared_ptr<Gate> gate_;
  ConnectionEvents* events_ = nullptr;
  Generation generation_ = 0;
  std::shared_ptr<Shared> shared_;  // what jobs work on; outlives this object when the worker hangs
  loop::WorkerThread worker_{"mqtt"};
  loop::Alive alive_;
};

}  // namespace rbamp::mqtt
