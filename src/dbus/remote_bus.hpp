// A bus that the daemon owns and lends: for tools that talk to modules while rbampd runs.
#pragma once

#include <memory>
#include <string>

#include "bus/i2c_bus.hpp"
#include "dbus/client.hpp"

namespace rbamp::dbus {

/// Each transfer is one D-Bus call (about 1 ms more than on the bus itself), at most `longest_transfer` bytes. The daemon latches in
/// between as usual, and refuses what would disturb it: the general call and latches (request_invalid).
/// Blocking, threads: those of the client, which must outlive the bus. Errors: those of I2cBus and of Client; bus_missing
/// (reinitialise) when the loan has ended. The destructor gives the bus back.
class RemoteBus final : public bus::I2cBus {
 public:
  [[nodiscard]] static Result<std::unique_ptr<RemoteBus>> borrow(Client& client, const std::string& name);
  ~RemoteBus() override;

  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override;
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] bus::Capabilities capabilities() const override;
  /// "/dev/i2c-1 (lent by rbampd)"
  [[nodiscard]] std::string describe() const override;
  /// As rbampd calls it: "/dev/i2c-1", "simulator"
  [[nodiscard]] const std::string& device() const { return loan_.description; }

 private:
  RemoteBus(Client& client, BusLoan loan) : client_(client), loan_(std::move(loan)) {}

  Client& client_;
  BusLoan loan_;
};

}  // namespace rbamp::dbus
