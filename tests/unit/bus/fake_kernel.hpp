// An i2c-dev device that notes every message as the kernel would see it and answers from a script.
#pragma once

#include <fcntl.h>
#include <linux/i2c.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bus/i2c_kernel.hpp"

namespace rbamp::test {

struct Message {
  std::uint16_t address = 0;
  std::uint16_t flags = 0;
  std::vector<std::uint8_t> bytes;  ///< of a write
  std::size_t length = 0;
  bool operator==(const Message&) const = default;
};

/// What a test scripts and looks at; outlives the kernel object, which the bus owns.
struct FakeDevice {
  unsigned long functions = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
  int open_error = 0;
  int functions_error = 0;
  int lock_error = 0;
  int tuning_error = 0;
  std::string holder;
  std::vector<std::string> existing{"/dev/i2c-1"};
  std::deque<int> transfer_results;             ///< negative errno, or a count; empty: all messages succeed
  std::vector<std::uint8_t> answer;             ///< bytes of the next reads, from the front
  std::vector<std::vector<Message>> transfers;  ///< one entry for each I2C_RDWR
  std::vector<unsigned long> timeouts;
  std::vector<unsigned long> retries;
  int locks = 0;
  std::string opened;
};

class FakeKernel final : public bus::I2cKernel {
 public:
  explicit FakeKernel(FakeDevice& device) : device_(device) {}

  int open(const std::string& device, Fd& into) override {
    device_.opened = device;
    if (device_.open_error != 0) return -device_.open_error;
    into = Fd{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    return 0;
  }
  int functions(const Fd&, unsigned long& into) override {
    into = device_.functions;
    return -device_.functions_error;
  }
  int set_timeout(const Fd&, unsigned long centiseconds) override {
    device_.timeouts.push_back(centiseconds);
    return -device_.tuning_error;
  }
  int set_retries(const Fd&, unsigned long count) override {
    device_.retries.push_back(count);
    return -device_.tuning_error;
  }
  int lock(const Fd&) override {
    ++device_.locks;
    return -device_.lock_error;
  }
  int transfer(const Fd&, std::vector<i2c_msg>& messages) override {
    int result = static_cast<int>(messages.size());
    if (!device_.transfer_results.empty()) {
      result = device_.transfer_results.front();
      device_.transfer_results.pop_front();
    }
    auto& seen = device_.transfers.emplace_back();
    for (auto& message : messages) {
      Message copy{.address = message.addr, .flags = message.flags, .bytes = {}, .length = message.len};
      if ((message.flags & I2C_M_RD) == 0) {
        copy.bytes.assign(message.buf, message.buf + message.len);
      } else if (result >= 0) {
        const auto count = std::min<std::size_t>(message.len, device_.answer.size());
        std::copy_n(device_.answer.begin(), count, message.buf);
        device_.answer.erase(device_.answer.begin(), device_.answer.begin() + static_cast<std::ptrdiff_t>(count));
      }
      seen.push_back(std::move(copy));
    }
    return result;
  }
  std::string lock_holder(const Fd&) override { return device_.holder; }
  std::vector<std::string> devices() override { return device_.existing; }

 private:
  FakeDevice& device_;
};

}  // namespace rbamp::test
