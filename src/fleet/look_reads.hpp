// The reads of one look at a module, so that a look can pause between any two transfers. Protocol 10.1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "fleet/block_read.hpp"
#include "fleet/bus_station.hpp"
#include "fleet/dialect.hpp"
#include "metering/evidence.hpp"

namespace rbamp::fleet {

/// What to read next depends on what was read. A look is therefore written as a function of its reads that goes through all of them each
/// time: it gets what is known already, ends at the first that is not, and begins again when that was fetched.
class LookReads {
 public:
  LookReads(std::string bus, I2cAddress address, const Dialect& dialect)
      : bus_(std::move(bus)), address_(address), dialect_(dialect) {}

  // --- for the look

  /// Registers from `start` on. Errors: those of the bus; while is_waiting(), that they are not read yet.
  template <std::size_t Size>
  [[nodiscard]] Result<std::array<std::uint8_t, Size>> block(std::uint8_t start) {
    std::array<std::uint8_t, Size> bytes{};
    if (auto done = next(start, bytes); !done) return failure(std::move(done.error()));
    return bytes;
  }
  /// Reads until two in a row agree, the later of them. Errors: as block(), and torn_read (retry).
  template <std::size_t Size>
  [[nodiscard]] Result<std::array<std::uint8_t, Size>> agreed(std::uint8_t start, SameBlock same = identical) {
    auto last = block<Size>(start);
    if (!last) return last;
    for (int i = 0; i < agreement_attempts; ++i) {
      auto again = block<Size>(start);
      if (!again || same(*last, *again)) return again;
      last = again;
    }
    return failure(torn_read(bus_, address_, start));
  }
  /// When what was got last was read.
  [[nodiscard]] const metering::Instant& at() const { return known_[taken_ - 1].at; }

  // --- for who runs it

  void begin_again();
  /// The look ended at a read that is not known.
  [[nodiscard]] bool is_waiting() const { return is_waiting_; }
  /// Makes a transfer for it. Blocks.
  void fetch(BusStation& station, const BootId& boot);

 private:
  struct Read {
    std::uint8_t start = 0;
    std::vector<std::uint8_t> bytes;
    std::size_t fetched = 0;  ///< of the bytes
    std::optional<Error> error;
    metering::Instant at;
    [[nodiscard]] bool is_known() const { return error || fetched == bytes.size(); }
  };
  [[nodiscard]] Result<void> next(std::uint8_t start, std::span<std::uint8_t> into);

  std::string bus_;
  I2cAddress address_;
  Dialect dialect_;
  std::vector<Read> known_;
  std::size_t taken_ = 0;
  bool is_waiting_ = false;
};

}  // namespace rbamp::fleet
