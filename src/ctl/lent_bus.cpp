#include "ctl/lent_bus.hpp"

namespace rbamp::ctl {

Result<std::unique_ptr<LentBus>> LentBus::borrow(dbus::Client& client, std::string name) {
  auto lent = dbus::RemoteBus::borrow(client, name);
  if (!lent) return failure(std::move(lent.error()));
  return std::unique_ptr<LentBus>{new LentBus{client, std::move(name), std::move(*lent)}};  // the constructor is private
}

template <class Transfer>
Result<void> LentBus::with_loan(Transfer transfer) {
  auto done = transfer(*lent_);
  if (done || done.error().remedy != Remedy::reinitialise) return done;
  auto again = dbus::RemoteBus::borrow(client_, name_);
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
