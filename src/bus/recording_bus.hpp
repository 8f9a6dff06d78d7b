// A bus that writes down every transaction of another one, as a bug report that can be replayed. Format: docs/recording.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "bus/i2c_bus.hpp"
#include "bus/recording.hpp"

namespace rbamp::bus {

/// Where the lines go. Returns false when it can take no more; it is not called again then.
using RecordingSink = std::function<bool(std::string_view)>;

/// A sink that appends to a new file (mode 0640: what a house consumes is private) and ends itself at `max_bytes` with a "cut" line, so that a
/// forgotten recording cannot fill a card. Each line is written at once, without fsync. A file that exists is replaced.
/// Error: ledger_io (give_up) with the path and the reason.
[[nodiscard]] Result<RecordingSink> open_recording_file(const std::string& path, std::uint64_t max_bytes = 64ULL << 20U);

/// Passes everything on and changes nothing; a recording that can no longer be written ends, the bus goes on.
/// Threads, blocking and errors: those of the inner bus. `clock` must outlive the bus.
class RecordingBus final : public I2cBus {
 public:
  RecordingBus(std::unique_ptr<I2cBus> inner, const Clock& clock, RecordingSink sink);

  [[nodiscard]] Result<void> read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) override;
  [[nodiscard]] Result<void> write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] Capabilities capabilities() const override { return inner_->capabilities(); }
  [[nodiscard]] std::string describe() const override { return inner_->describe(); }

  [[nodiscard]] bool is_recording() const { return is_recording_; }

 private:
  void note(Transaction transaction, BootTime start, const Result<void>& result);

  std::unique_ptr<I2cBus> inner_;
  const Clock& clock_;
  RecordingSink sink_;
  BootTime begin_;
  bool is_recording_ = true;
};

}  // namespace rbamp::bus
