#include "dbus/loan_desk.hpp"

namespace rbamp::dbus {
namespace {

Error no_loan() {
  return {
      Errc::bus_missing, Remedy::reinitialise,
      "there is no such loan (any more): it ends when it is given back and after 60 s without a transfer; borrow the bus again"};
}

}  // namespace

void LoanDesk::borrow(const std::string& bus, const std::string& owner, Done<BusLoan> done) {
  const auto asking = std::make_shared<Asking>(Asking{owner});
  asking_.push_back(asking);
  // The daemon may answer after this desk is gone: then only it can know that nobody wants the bus any more.
  control_.borrow_bus(bus, owner,
                      [this, &control = control_, guard = alive_.guard(), asking, done = std::move(done)](Result<BusLoan> loan) {
                        if (!guard.expired()) return granted(asking, loan, done);
                        if (loan) control.return_bus(loan->id);
                      });
}

void LoanDesk::granted(const std::shared_ptr<Asking>& asking, const Result<BusLoan>& loan, const Done<BusLoan>& done) {
  asking_.remove(asking);
  if (loan && asking->is_gone) {
    control_.return_bus(loan->id);
    return;
  }
  if (loan) {
    auto& entry = loans_[loan->id];
    entry.owner = asking->owner;
    watch(loan->id, entry);
  }
  if (!asking->is_gone) done(loan);
}

void LoanDesk::transfer(std::uint64_t loan, const std::string& owner, const BusTransfer& transfer,
                        Done<std::vector<std::uint8_t>> done) {
  auto* entry = find(loan, owner);
  if (entry == nullptr) return done(failure(no_loan()));
  ++entry->under_way;
  entry->idle.cancel();
  control_.transfer(loan, transfer,
                    [this, guard = alive_.guard(), loan, owner, done = std::move(done)](Result<std::vector<std::uint8_t>> read) {
                      if (guard.expired()) return;
                      if (auto* lent = find(loan, owner)) {
                        --lent->under_way;
                        if (!read && read.error().is(Errc::cancelled)) {
                          loans_.erase(loan);
                          read = failure(Errc::bus_missing, Remedy::reinitialise, read.error().detail);
                        } else if (lent->under_way == 0) {
                          watch(loan, *lent);
                        }
                      }
                      done(std::move(read));
                    });
}

Result<void> LoanDesk::give_back(std::uint64_t loan, const std::string& owner) {
  if (find(loan, owner) == nullptr) return failure(no_loan());
  loans_.erase(loan);
  control_.return_bus(loan);
  return {};
}

void LoanDesk::owner_left(const std::string& owner) {
  for (const auto& asking : asking_) {
    if (asking->owner == owner) asking->is_gone = true;
  }
  for (auto it = loans_.begin(); it != loans_.end();) {
    if (it->second.owner != owner) {
      ++it;
      continue;
    }
    const auto id = it->first;
    it = loans_.erase(it);
    control_.return_bus(id);
  }
}

void LoanDesk::end_all() {
  for (const auto& asking : asking_) asking->is_gone = true;
  while (!loans_.empty()) {
    const auto id = loans_.begin()->first;
    loans_.erase(loans_.begin());
    control_.return_bus(id);
  }
}

void LoanDesk::watch(std::uint64_t id, Loan& loan) {
  loan.idle = scheduler_.call_after(idle_limit, [this, id] {
    loans_.erase(id);
    control_.return_bus(id);
  });
}

LoanDesk::Loan* LoanDesk::find(std::uint64_t id, const std::string& owner) {
  const auto it = loans_.find(id);
  return it == loans_.end() || it->second.owner != owner ? nullptr : &it->second;
}

}  // namespace rbamp::dbus
