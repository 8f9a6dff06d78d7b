// What everything that talks on one bus is given.
#pragma once

#include <utility>

#include "base/ids.hpp"
#include "fleet/bus_station.hpp"
#include "fleet/voltage_board.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"
#include "metering/accounting.hpp"
#include "metering/live_memory.hpp"

namespace rbamp::fleet {

/// What everything on one bus works with; all of it outlives its users.
struct BusContext {
  BusStation& station;  ///< only inside jobs of `executor`
  loop::WaitingExecutor& executor;
  loop::Scheduler& scheduler;
  metering::Accounting& accounting;
  log::Logger& log;
  VoltageBoard& voltages;  ///< of all buses
  BootId boot;
  metering::LiveKeeper* live_keeper = nullptr;  ///< none: what was seen live ends with the process

  /// Runs `job(station)` on the bus's worker and hands the result to `done` on the loop thread, unless `owner` is gone by then.
  template <class Job, class Done>
  void run(const loop::Alive& owner, Job job, Done done) const {
    loop::submit(
        executor, scheduler, [&bus = station, job = std::move(job)] { return job(bus); },
        [guard = owner.guard(), done = std::move(done)](auto result) {
          if (!guard.expired()) done(std::move(result));
        });
  }
};

}  // namespace rbamp::fleet
