#include "bus/linux_i2c_bus.hpp"

#include <linux/i2c.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "bus/i2c_errors.hpp"

namespace rbamp::bus {
namespace {

constexpr std::size_t max_message = 8192;  // i2c-dev refuses longer messages with EINVAL

unsigned long centiseconds(Microseconds time) {
  const auto rounded_up = (time.count() + 9'999) / 10'000;
  return static_cast<unsigned long>(std::max<std::int64_t>(rounded_up, 1));
}

std::string bytes_text(std::size_t count) { return std::to_string(count) + (count == 1 ? " byte" : " bytes"); }

std::string read_text(I2cAddress module, std::uint8_t reg, std::size_t count) {
  return "module " + to_string(module) + ", read of " + bytes_text(count) + " at " + to_string(I2cAddress{reg});
}

std::string write_text(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (to == general_call) return "general call of " + bytes_text(bytes.size());
  return "module " + to_string(to) + ", write to " + to_string(I2cAddress{bytes.front()});
}

}  // namespace

Result<std::unique_ptr<LinuxI2cBus>> LinuxI2cBus::open(std::string device, Clock& clock, std::unique_ptr<I2cKernel> kernel,
                                                       LinuxI2cOptions options) {
  Fd fd;
  if (const int error = kernel->open(device, fd); error < 0) return failure(open_error(-error, device, kernel->devices()));

  unsigned long functions = 0;
  if (const int error = kernel->functions(fd, functions); error < 0)
    return failure(open_error(-error, device, kernel->devices()));
  if ((functions & I2C_FUNC_I2C) == 0) return failure(smbus_only_error(device));

  if (const int error = kernel->lock(fd); error < 0) {
    if (-error != EWOULDBLOCK) return failure(open_error(-error, device, {}));
    const auto holder = kernel->lock_holder(fd);
    return failure(Errc::bus_busy, Remedy::wait,
                   device + " is in use by " + (holder.empty() ? "another program" : holder) +
                       ": only one program may latch modules; stop it, or go through the running daemon");
  }

  // Both are tuning: a stand-in for the kernel's driver may lack them, and then its own values bound a transfer.
  (void)kernel->set_timeout(fd, centiseconds(options.timeout));
  (void)kernel->set_retries(fd, 0);
  return std::unique_ptr<LinuxI2cBus>{new LinuxI2cBus{std::move(device), clock, std::move(kernel), std::move(fd), options.gap}};
}

Result<void> LinuxI2cBus::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) {
  if (into.empty() || into.size() > max_message)
    return failure(transfer_error(EINVAL, device_, read_text(module, reg, into.size())));
  std::vector<i2c_msg> messages{
      i2c_msg{.addr = module.value(), .flags = 0, .len = 1, .buf = &reg},
      i2c_msg{.addr = module.value(), .flags = I2C_M_RD, .len = static_cast<__u16>(into.size()), .buf = into.data()},
  };
  if (const int error = run(messages); error != 0)
    return failure(transfer_error(error, device_, read_text(module, reg, into.size())));
  return {};
}

Result<void> LinuxI2cBus::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (bytes.empty() || bytes.size() > max_message) {
    return failure(transfer_error(EINVAL, device_, "module " + to_string(to) + ", write of " + bytes_text(bytes.size())));
  }
  std::vector<std::uint8_t> copy{bytes.begin(), bytes.end()};  // the kernel's structure takes no pointer to const
  std::vector<i2c_msg> messages{
      i2c_msg{.addr = to.value(), .flags = 0, .len = static_cast<__u16>(copy.size()), .buf = copy.data()}};
  if (const int error = run(messages); error != 0) return failure(transfer_error(error, device_, write_text(to, bytes)));
  return {};
}

int LinuxI2cBus::run(std::vector<i2c_msg>& messages) {
  keep_gap();
  const int done = kernel_->transfer(fd_, messages);
  last_end_ = clock_.boot_now();
  if (done < 0) return -done;
  return static_cast<std::size_t>(done) == messages.size() ? 0 : EIO;
}

void LinuxI2cBus::keep_gap() {
  const auto since = clock_.boot_now() - last_end_;
  if (since < gap_) clock_.sleep_for(gap_ - since);
}

}  // namespace rbamp::bus
