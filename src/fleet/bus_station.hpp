// One bus on its worker thread: opens it, retries what may be retried, counts what failed. Protocol 14.1.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bus/i2c_bus.hpp"

namespace rbamp::fleet {

using BusFactory = std::function<Result<std::unique_ptr<bus::I2cBus>>()>;

/// How hard a transaction is tried before its error is passed on.
enum class Effort : std::uint8_t {
  once,      ///< looking for modules: silence is a normal answer
  timely,    ///< as steady, but not again after one that took long: others wait for their windows
  steady,    ///< 3 attempts, 3 ms apart
  stubborn,  ///< then 4 more, 20 ms apart: rides out the switching of a relay
};

/// Read by the loop thread while the worker counts.
struct BusCounters {
  std::atomic<std::uint64_t> transactions{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> exhausted{0};                   ///< transactions that stayed failed
  std::array<std::atomic<std::uint32_t>, 128> retries_at{};  ///< by address
};

/// Everything blocks and belongs on the bus's worker thread, except counters().
///
/// A bus that is not open is opened by the next call. One that is lost (bus_missing, bus_permission) is closed, and every call
/// fails at once until open() is called again: when to try is the fleet's decision.
class BusStation {
 public:
  BusStation(std::string name, BusFactory factory, Clock& clock)
      : name_(std::move(name)), factory_(std::move(factory)), clock_(clock) {}

  [[nodiscard]] Result<void> open();
  [[nodiscard]] bool is_open() const { return bus_ != nullptr; }
  /// As the adapter says, and as it has shown since: `max_read` falls when it refuses a length.
  [[nodiscard]] bus::Capabilities capabilities() const;
  [[nodiscard]] std::string describe() const { return bus_ ? bus_->describe() : std::string{}; }

  /// In one transaction, or in several when the adapter carries no more at once: then it is not of one moment (see reads_in_pieces).
  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into, Effort effort);
  /// Drivers do not tell how much they carry (protocol 3.2): known once a read of this length was tried.
  [[nodiscard]] bool reads_in_pieces(std::size_t bytes) const { return bytes > max_read_; }
  /// Register by register: only for chips whose bursts failed the self-test (protocol D2).
  [[nodiscard]] Result<void> read_bytewise(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into, Effort effort);
  /// One register, idempotent, so retried. The caller reads back what matters.
  [[nodiscard]] Result<void> write(I2cAddress module, std::uint8_t reg, std::uint8_t value, Effort effort);
  /// What somebody else asks for on a lent bus: one attempt, and none of our own counts as failed.
  [[nodiscard]] Result<std::vector<std::uint8_t>> pass_on(I2cAddress address, std::span<const std::uint8_t> write,
                                                          std::size_t read_length);
  /// Never retried: the effect of a failed one is unknown (protocol 14.2).
  [[nodiscard]] Result<void> send_once(I2cAddress to, std::span<const std::uint8_t> bytes);

  [[nodiscard]] Clock& clock() const { return clock_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const BusCounters& counters() const { return counters_; }

 private:
  template <class Transfer>
  Result<void> attempt(I2cAddress module, Effort effort, std::size_t bytes, Transfer transfer);
  void note(const Error& error);

  std::string name_;
  BusFactory factory_;
  Clock& clock_;
  std::unique_ptr<bus::I2cBus> bus_;
  std::size_t max_read_ = bus::Capabilities{}.max_read;
  BusCounters counters_;
};

}  // namespace rbamp::fleet
