// The system calls behind an i2c-dev device, so that the messages built and the answers understood can be tested without one.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "base/fd.hpp"

struct i2c_msg;  // <linux/i2c.h>

namespace rbamp::bus {

/// Every call returns 0 (or a count) on success and a negative errno otherwise. Calls block as the kernel does: `transfer`
/// for the transfer or the adapter's timeout, the others not noticeably. One thread at a time.
class I2cKernel {
 public:
  I2cKernel() = default;
  I2cKernel(const I2cKernel&) = delete;
  I2cKernel& operator=(const I2cKernel&) = delete;
  virtual ~I2cKernel() = default;

  [[nodiscard]] virtual int open(const std::string& device, Fd& into) = 0;
  /// I2C_FUNCS
  [[nodiscard]] virtual int functions(const Fd& fd, unsigned long& into) = 0;
  /// I2C_TIMEOUT, in units of 10 ms
  [[nodiscard]] virtual int set_timeout(const Fd& fd, unsigned long centiseconds) = 0;
  /// I2C_RETRIES
  [[nodiscard]] virtual int set_retries(const Fd& fd, unsigned long count) = 0;
  /// flock(LOCK_EX | LOCK_NB): advisory, ends with the descriptor
  [[nodiscard]] virtual int lock(const Fd& fd) = 0;
  /// I2C_RDWR: all messages in one transaction; returns how many were transferred
  [[nodiscard]] virtual int transfer(const Fd& fd, std::vector<i2c_msg>& messages) = 0;

  /// Who holds the lock, for words: "rbampctl (process 4711)", or empty when it cannot be found out.
  [[nodiscard]] virtual std::string lock_holder(const Fd& fd) = 0;
  /// The i2c-dev devices that exist now, for words: "/dev/i2c-1", ...
  [[nodiscard]] virtual std::vector<std::string> devices() = 0;
};

/// The running kernel.
class LinuxI2cKernel final : public I2cKernel {
 public:
  [[nodiscard]] int open(const std::string& device, Fd& into) override;
  [[nodiscard]] int functions(const Fd& fd, unsigned long& into) override;
  [[nodiscard]] int set_timeout(const Fd& fd, unsigned long centiseconds) override;
  [[nodiscard]] int set_retries(const Fd& fd, unsigned long count) override;
  [[nodiscard]] int lock(const Fd& fd) override;
  [[nodiscard]] int transfer(const Fd& fd, std::vector<i2c_msg>& messages) override;
  [[nodiscard]] std::string lock_holder(const Fd& fd) override;
  [[nodiscard]] std::vector<std::string> devices() override;
};

/// The process that /proc/locks names as holder of a lock on that inode; 0 when none is named.
[[nodiscard]] int find_lock_holder(std::istream& locks, unsigned major, unsigned minor, std::uint64_t inode);

}  // namespace rbamp::bus
