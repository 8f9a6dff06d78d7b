// A bus that the running rbampd lends: borrowed anew when the loan ended while a person was thinking.
#pragma once

#include <memory>
#include <string>

#include "bus/i2c_bus.hpp"
#include "dbus/client.hpp"
#include "dbus/remote_bus.hpp"

namespace rbamp::ctl {

/// What is to be borrowed. The name alone is not enough: another rbampd, or one with an older configuration, may have another bus of it.
struct WantedBus {
  std::string name;    ///< in the configuration
  std::string device;  ///< "/dev/i2c-1", "simulator"
};

/// Blocking, threads and errors: those of dbus::RemoteBus. A transfer that finds the loan ended borrows once and is made again: it was
/// not made before. `client` must outlive the bus. Error bus_missing (give_up) of borrowing: rbampd has another device under that name.
class LentBus final : public bus::I2cBus {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LentBus>> borrow(dbus::Client& client, WantedBus wanted);

  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override;
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] bus::Capabilities capabilities() const override { return lent_->capabilities(); }
  [[nodiscard]] std::string describe() const override { return lent_->describe(); }

 private:
  LentBus(dbus::Client& client, WantedBus wanted, std::unique_ptr<dbus::RemoteBus> lent)
      : client_(client), wanted_(std::move(wanted)), lent_(std::move(lent)) {}
  template <class Transfer>
  Result<void> with_loan(Transfer transfer);

  dbus::Client& client_;
  WantedBus wanted_;
  std::unique_ptr<dbus::RemoteBus> lent_;
};

}  // namespace rbamp::ctl
