// Looks for modules on one bus, for ever and without a write: the configured ones at their addresses, or every address when none is
// configured. Back-off per address, so that what is missing does not slow down what is there. Protocol 7, 14.1.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "fleet/bus_context.hpp"
#include "fleet/module_io.hpp"

namespace rbamp::fleet {

class Searcher {
 public:
  struct Events {
    std::function<void(I2cAddress, Identification)> found;
    /// Something answers that is no rbAmp, or an rbAmp that cannot be used. Once per address until it changes.
    std::function<void(I2cAddress, const Error&)> foreign;
    /// An address that was to be looked at answers, and cannot be read. Once per address until it is found or looked for anew.
    std::function<void(I2cAddress, const Error&)> unreadable;
    std::function<void()> looked;  ///< every address has been looked at once
    /// The adapter is gone, or must not be used any more: it is to be opened anew.
    std::function<void(const Error&)> bus_lost;
    /// Asked: that of the module which belongs at the address.
    std::function<std::optional<std::uint8_t>(I2cAddress)> export_register;
  };

  Searcher(BusContext context, Events events) : context_(context), events_(std::move(events)) {}

  /// Adds an address to look at. Already known ones start their back-off anew.
  void look_for(I2cAddress address, Microseconds after = Microseconds::zero());
  /// Adds an address that is known to hold the wrong chip: looked at once a minute.
  void watch(I2cAddress address);
  /// Looks at all addresses 0x08 to 0x77 that `look_for` does not hold, again and again with growing pauses.
  void scan_all();
  void stop_scanning();
  /// Found, or no longer wanted.
  void forget(I2cAddress address);
  /// Stops and drops everything that is under way.
  void pause();
  void resume();

 private:
  struct Target {
    BootTime next{};
    Microseconds pause{};
    bool is_reported = false;  ///< as foreign
    bool is_told = false;      ///< as unreadable
  };

  void schedule();
  void turn();
  void next_in_turn();
  void answered(I2cAddress address, Result<Identification> result);

  BusContext context_;
  Events events_;
  std::map<I2cAddress, Target> targets_;
  std::vector<I2cAddress> queue_;
  bool is_busy_ = false;
  bool is_paused_ = false;
  bool has_looked_ = false;

  bool scans_ = false;
  BootTime next_scan_{};
  Microseconds scan_pause_{};
  std::map<I2cAddress, bool> strangers_;  ///< answered during scans, already reported

  loop::Timer timer_;
  std::uint64_t generation_ = 0;
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
