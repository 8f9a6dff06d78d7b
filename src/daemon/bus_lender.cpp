#include "daemon/bus_lender.hpp"

#include <algorithm>

#include "log/fields.hpp"
#include "protocol/commands.hpp"
#include "protocol/registers.hpp"

namespace rbamp::daemon {

namespace {

/// What the daemon itself may send to a module (protocol section 6), but for latches: those are its own.
bool is_lendable(std::uint8_t opcode) {
  using protocol::Command;
  switch (static_cast<Command>(opcode)) {
    case Command::latch_period: return false;
    case Command::reset:
    case Command::set_ct_model_ch0:
    case Command::set_ct_model_ch1:
    case Command::set_ct_model_ch2:
    case Command::commit_addr:
    case Command::clear_error:
    case Command::save_user_config:
    case Command::capture_raw: return true;
  }
  return false;
}

}  // namespace

void BusLender::borrow(const std::string& name, const std::string& borrower, dbus::Done<dbus::BusLoan> done) {
  auto* bus = fleet_.find_bus(name);
  if (bus == nullptr) {
    std::string known;
    for (const auto& one : fleet_.buses()) known += (known.empty() ? "\"" : ", \"") + one->name() + "\"";
    done(failure(Errc::request_invalid, Remedy::give_up, "rbampd has no bus \"" + name + "\"; it has " + known));
    return;
  }
  if (!bus->is_open()) {
    done(failure(Errc::bus_missing, Remedy::wait,
                 "bus \"" + name + "\" is not open: " + (bus->open_error() ? bus->open_error()->detail : "not yet")));
    return;
  }
  if (bus->is_lent()) {
    done(failure(Errc::bus_busy, Remedy::wait, "bus \"" + name + "\" is lent to another program: wait until that has ended"));
    return;
  }
  bus->lend(true);
  const auto id = next_++;
  loans_.emplace(id, name);
  log_.info("Bus \"" + name + "\" is lent to " + borrower + ": live values pause, periods are closed as usual",
            {{log::field::bus, name}});
  struct About {
    std::string description;
    bus::Capabilities capabilities;
  };
  loop::submit(
      bus->executor(), scheduler_,
      [&station = bus->station()] {
        return About{station.describe(), station.capabilities()};
      },
      [this, id, done = std::move(done), guard = alive_.guard()](About about) {
        if (guard.expired() || !loans_.contains(id)) {
          done(failure(Errc::cancelled, Remedy::give_up, "rbampd is ending"));
          return;
        }
        done(dbus::BusLoan{id, std::move(about.description), about.capabilities});
      });
}

Result<void> BusLender::check(const dbus::BusTransfer& transfer) {
  using protocol::Command;
  if (transfer.address.value() == 0) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   "a general call reaches every module at once, and the daemon closes periods with it: stop rbampd for that");
  }
  if (transfer.write.size() < 2) return {};
  // A module stores the first byte and drops the others: writes have no auto-increment (protocol 3.2).
  if (transfer.write.size() > 2)
    return failure(Errc::request_invalid, Remedy::give_up, "a module takes one register in each write: a register and a byte");
  if (transfer.write[0] != protocol::reg::command || is_lendable(transfer.write[1])) return {};
  if (transfer.write[1] == static_cast<std::uint8_t>(Command::latch_period)) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   "a latch of somebody else would take a period away from the ledger: ask rbampd for one (LatchNow)");
  }
  return failure(Errc::request_invalid, Remedy::give_up,
                 "command " + std::to_string(transfer.write[1]) +
                     " is none that rbampd sends: such commands can spoil a module's calibration, identity or program");
}

void BusLender::transfer(std::uint64_t loan, const dbus::BusTransfer& transfer, dbus::Done<std::vector<std::uint8_t>> done) {
  const auto found = loans_.find(loan);
  auto* bus = found == loans_.end() ? nullptr : fleet_.find_bus(found->second);
  if (bus == nullptr) {
    done(failure(Errc::cancelled, Remedy::reinitialise, "this loan has ended"));
    return;
  }
  if (auto allowed = check(transfer); !allowed) {
    done(failure(std::move(allowed.error())));
    return;
  }
  loop::submit(
      bus->executor(), scheduler_,
      [&station = bus->station(), transfer] { return station.pass_on(transfer.address, transfer.write, transfer.read_length); },
      [done = std::move(done)](Result<std::vector<std::uint8_t>> bytes) { done(std::move(bytes)); });
}

void BusLender::give_back(std::uint64_t loan) {
  const auto found = loans_.find(loan);
  if (found == loans_.end()) return;
  if (auto* bus = fleet_.find_bus(found->second); bus != nullptr) bus->lend(false);
  log_.info("Bus \"" + found->second + "\" was given back", {{log::field::bus, found->second}});
  loans_.erase(found);
}

std::optional<std::string> BusLender::bus_of(std::uint64_t loan) const {
  const auto found = loans_.find(loan);
  return found == loans_.end() ? std::nullopt : std::optional{found->second};
}

void BusLender::end_all() { loans_.clear(); }

}  // namespace rbamp::daemon
