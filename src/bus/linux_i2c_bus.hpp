// The I2C bus behind /dev/i2c-N: one I2C_RDWR per register access. Protocol 3.1, 3.2.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "bus/i2c_bus.hpp"
#include "bus/i2c_kernel.hpp"

namespace rbamp::bus {

struct LinuxI2cOptions {
  /// The adapter gives up after this; the kernel counts in units of 10 ms. A healthy transfer of 56 bytes takes 11 ms at
  /// 50 kHz, and a Raspberry Pi answers late under load: at least 100 ms (protocol D41).
  Microseconds timeout = std::chrono::milliseconds{100};
  /// From the end of one transaction to the start of the next (protocol 2). Measured: mostly our own work takes longer.
  Microseconds gap = std::chrono::microseconds{100};
};

/// Holds the device under an advisory exclusive lock (flock) until destroyed, so that no second program of ours latches.
/// Threads, blocking and errors of transfers: I2cBus. Nothing is retried, also not by the kernel.
class LinuxI2cBus final : public I2cBus {
 public:
  /// Opens, locks and checks the adapter; no transfer is made. `clock` must outlive the bus.
  /// Errors: bus_missing (reinitialise: may appear later; give_up: is no adapter), bus_permission (give_up),
  /// bus_busy (wait: another process holds it, named when possible), bus_unsupported (give_up: SMBus-only adapter, see
  /// docs/decisions/bus-smbus-only.md), bus_io (reinitialise).
  [[nodiscard]] static Result<std::unique_ptr<LinuxI2cBus>> open(
      std::string device, Clock& clock, std::unique_ptr<I2cKernel> kernel = std::make_unique<LinuxI2cKernel>(),
      LinuxI2cOptions options = {});

  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override;
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] Capabilities capabilities() const override { return {}; }
  [[nodiscard]] std::string describe() const override { return device_; }

 private:
  LinuxI2cBus(std::string device, Clock& clock, std::unique_ptr<I2cKernel> kernel, Fd fd, Microseconds gap)
      : device_(std::move(device)), clock_(clock), kernel_(std::move(kernel)), fd_(std::move(fd)), gap_(gap) {}

  /// 0, or the errno
  [[nodiscard]] int run(std::vector<i2c_msg>& messages);
  void keep_gap();

  std::string device_;
  Clock& clock_;
  std::unique_ptr<I2cKernel> kernel_;
  Fd fd_;
  Microseconds gap_;
  BootTime last_end_{Microseconds::min() / 2};  // long ago: no gap before the first transaction
};

}  // namespace rbamp::bus
