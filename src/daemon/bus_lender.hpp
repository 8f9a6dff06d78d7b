// Lends buses that the daemon owns, for rbampctl while the daemon runs. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dbus/control.hpp"
#include "fleet/fleet.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"

namespace rbamp::daemon {

/// A lent bus is read by the borrower only; latches go on. What would disturb them is refused: the general call, and
/// the latch command. So is what a module must never be sent: commands beyond protocol::Command, writes of more than one register.
class BusLender {
 public:
  BusLender(fleet::Fleet& fleet, loop::Scheduler& scheduler, log::Logger& log)
      : fleet_(fleet), scheduler_(scheduler), log_(log) {}

  /// See dbus::Control.
  void borrow(const std::string& name, const std::string& borrower, dbus::Done<dbus::BusLoan> done);
  void transfer(std::uint64_t loan, const dbus::BusTransfer& transfer, dbus::Done<std::vector<std::uint8_t>> done);
  void give_back(std::uint64_t loan);
  /// nullopt: there is no such loan, or it has ended.
  [[nodiscard]] std::optional<std::string> bus_of(std::uint64_t loan) const;
  /// The program ends: loans are over.
  void end_all();

 private:
  [[nodiscard]] static Result<void> check(const dbus::BusTransfer& transfer);

  fleet::Fleet& fleet_;
  loop::Scheduler& scheduler_;
  log::Logger& log_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::string> loans_;  ///< bus names
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
