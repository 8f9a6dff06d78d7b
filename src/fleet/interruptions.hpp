// What waits for a module's running period to be booked before it may cost the module its average: a reset, a setting that needs one.
// Loop thread. Protocol 8.3.
#pragma once

#include <functional>
#include <vector>

#include "fleet/bus_context.hpp"
#include "fleet/module.hpp"

namespace rbamp::fleet {

/// Something that costs the module its running average.
struct Interruption {
  Module* module = nullptr;
  bool needs_booking = true;  ///< not done at all when what the module has averaged could not be booked
  std::function<Result<void>(BusStation&)> job;
  std::function<void(Result<void>)> done;
};

class Interruptions {
 public:
  explicit Interruptions(BusContext context) : context_(context) {}

  static constexpr Microseconds limit = std::chrono::seconds{10};  ///< for the booking

  /// Keeps it until a latch round that begins later has ended. When the booking fails or takes longer than `limit`, `done` gets
  /// not_ready and the job is not run.
  void add(Interruption wanted);
  /// Runs the job on the bus's worker at once and hands what it returned to `done`.
  void run(Interruption wanted);
  /// A round begins that latches these.
  void round_begins(const std::vector<Module*>& modules);
  /// Runs what waited for the round.
  void round_ended();
  /// Ends those of one module, or of all when it is null.
  void end(const Module* module, const tl::unexpected<Error>& why);

 private:
  struct Pending {
    Interruption wanted;
    BootTime asked{};
    bool is_armed = false;  ///< a round that began later latches the module
  };

  [[nodiscard]] std::vector<Pending> take(const std::function<bool(const Pending&)>& which);
  void end_late();

  BusContext context_;
  std::vector<Pending> pending_;
  loop::Timer timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
