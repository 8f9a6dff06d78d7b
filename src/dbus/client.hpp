// Asks a running rbampd over D-Bus: the other side of Control, for rbampctl.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "dbus/control.hpp"

namespace rbamp::dbus {

/// Every call blocks until the answer is there, at most for the limit in its comment. Move-only, one thread at a time.
///
/// Errors: what the daemon answered, with its words, code and that code's remedy; and
///   dbus_missing    (give_up)  there is no system bus;
///   daemon_missing  (give_up)  the bus is there, but no rbampd on it; or it went away during the call (verify);
///   daemon_refused  (give_up)  this user may not do that; the words say which group may;
///   daemon_busy     (verify)   no answer within the limit; (wait) too many requests at once.
class Client {
 public:
  /// `address`: of a bus, for tests; empty is the system bus. Blocks for two round trips, with a bus that hangs for as long as
  /// libsystemd waits (25 s).
  [[nodiscard]] static Result<Client> connect(const std::string& address = {});

  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  /// Of the daemon, as it said when connect() asked.
  [[nodiscard]] const std::string& version() const;

  /// The process that has the name org.rbampd1 now. 10 s
  [[nodiscard]] Result<int> process_id();
  [[nodiscard]] Result<Status> status();                                         ///< 10 s
  [[nodiscard]] Result<void> latch_now();                                        ///< 60 s
  [[nodiscard]] Result<std::string> reload();                                    ///< 60 s
  [[nodiscard]] Result<void> restart_module(const std::string& module_id);       ///< 60 s
  [[nodiscard]] Result<Booked> adjust(const AdjustRequest& request);             ///< 60 s
  [[nodiscard]] Result<Booked> meter_change(const MeterChangeRequest& request);  ///< 60 s

  [[nodiscard]] Result<void> forget_module(const std::string& module_id);  ///< 60 s
  [[nodiscard]] Result<std::vector<ForeignMeter>> find_foreign_meters();   ///< 60 s
  [[nodiscard]] Result<Adopted> adopt(const AdoptRequest& request);        ///< 60 s

  /// The bus is ours between two periods until it is given back, this client is destroyed, or 60 s pass without a transfer.
  [[nodiscard]] Result<BusLoan> borrow_bus(const std::string& name);  ///< 60 s
  /// bus_missing (reinitialise): the loan has ended, borrow the bus anew.
  [[nodiscard]] Result<std::vector<std::uint8_t>> transfer(std::uint64_t loan, const BusTransfer& transfer);  ///< 10 s
  [[nodiscard]] Result<void> return_bus(std::uint64_t loan);                                                  ///< 10 s

 private:
  class Core;
  explicit Client(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace rbamp::dbus
