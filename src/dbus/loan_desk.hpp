// Who has borrowed which bus, and when a loan ends. Knows callers by their unique name on the message bus (":1.42"), nothing of D-Bus else.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>

#include "dbus/control.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"

namespace rbamp::dbus {

/// Loop thread; nothing blocks. A loan ends by give_back(), when its owner leaves, after `idle_limit` without a transfer, when the daemon takes
/// the bus back, and with this desk; Control::return_bus is called once for each, but for the daemon's own.
class LoanDesk {
 public:
  LoanDesk(Control& control, loop::Scheduler& scheduler) : control_(control), scheduler_(scheduler) {}
  LoanDesk(const LoanDesk&) = delete;
  LoanDesk& operator=(const LoanDesk&) = delete;
  ~LoanDesk() { end_all(); }

  /// An owner who left before the bus was ready gets no answer, and the bus goes straight back.
  void borrow(const std::string& bus, const std::string& owner, Done<BusLoan> done);
  /// bus_missing (reinitialise): the caller has no such loan (any more).
  void transfer(std::uint64_t loan, const std::string& owner, const BusTransfer& transfer, Done<std::vector<std::uint8_t>> done);
  [[nodiscard]] Result<void> give_back(std::uint64_t loan, const std::string& owner);

  void owner_left(const std::string& owner);
  void end_all();
  [[nodiscard]] std::size_t loans() const { return loans_.size(); }

  static constexpr Microseconds idle_limit = std::chrono::seconds{60};

 private:
  struct Asking {
    std::string owner;
    bool is_gone = false;
  };
  struct Loan {
    std::string owner;
    unsigned under_way = 0;  ///< transfers
    loop::Timer idle;
  };

  void granted(const std::shared_ptr<Asking>& asking, const Result<BusLoan>& loan, const Done<BusLoan>& done);
  void watch(std::uint64_t id, Loan& loan);
  [[nodiscard]] Loan* find(std::uint64_t id, const std::string& owner);

  Control& control_;
  loop::Scheduler& scheduler_;
  std::list<std::shared_ptr<Asking>> asking_;
  std::map<std::uint64_t, Loan> loans_;
  loop::Alive alive_;
};

}  // namespace rbamp::dbus
