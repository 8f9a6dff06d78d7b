#include "ctl/lent_bus.hpp"

namespace rbamp::ctl {

namespace {

Result<std::unique_ptr<dbus::RemoteBus>> borrow_wanted(dbus::Client& client, const WantedBus& wanted) {
  auto lent = dbus::RemoteBus::borrow(client, wanted.name);
  if (!lent || (*lent)->device() == wanted.device) return lent;
  return failure(Errc::bus_missing, Remedy::give_up,
                 "its bus \"" + wanted.name + "\" is " + (*lent)->device() + ", in the configuration it is " + wanted.device +
                     ". Has the configuration been changed since rbampd started? Then: systemctl restart rbampd");
}

}  // namespace

Result<std::unique_ptr<LentBus>> LentBus::borrow(dbus::Client& client, WantedBus wanted) {
  auto lent = borrow_wanted(client, wanted);
  if (!lent) return failure(std::move(lent.error()));
  return std::unique_ptr<LentBus>{new LentBus{client, std::move(wanted), std::move(*lent)}};  // the constructor is private
}

template <class Transfer>
Result<void> LentBus::with_loan(Transfer transfer) {
  auto done = transfer(*lent_);
  if (done || done.error().remedy != Remedy::reinitialise) return done;
  auto again = borrow_wanted(client_, wanted_);
  if (!again) return failure(std::move(again.error()));
  lent_ = std::move(*again);
  return transfer(*lent_);
}

Result<void> LentBus::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) {
  return with_loan([&](bus::I2cBus& bus) { return bus.read(module, reg, into); });
}

Result<void> LentBus::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  return with_loan([&](bus::I2cBus& bus) { return bus.write(to, bytes); });
}

}  // namespace rbamp::ctl
