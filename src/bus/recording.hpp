// The conversation on a bus as text: one line for each transaction. The format is stable; docs/recording.md describes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "bus/i2c_bus.hpp"

namespace rbamp::bus {

/// One register access and what came of it.
struct Transaction {
  enum class Kind : std::uint8_t { read, write };

  Microseconds start{};  ///< since the recording began
  Microseconds took{};
  Kind kind = Kind::read;
  I2cAddress address;
  std::uint8_t reg = 0;             ///< of a read
  std::size_t count = 0;            ///< bytes asked for, of a read
  std::vector<std::uint8_t> bytes;  ///< what a read brought (empty when it failed), or what a write sent
  std::optional<Error> error;
};

struct Recording {
  std::string bus;  ///< describe() of the recorded bus
  Capabilities capabilities;
  std::vector<Transaction> transactions;
  bool is_cut = false;  ///< the recorder reached its size limit
};

[[nodiscard]] std::string header_text(std::string_view bus, const Capabilities& capabilities);
/// One line with its newline. Words of an error are put on one line.
[[nodiscard]] std::string to_text(const Transaction& transaction);
/// The whole file. Error: config_invalid (give_up), naming the line. A half-written last line (power cut) is left out.
[[nodiscard]] Result<Recording> parse_recording(std::string_view text);

inline constexpr std::string_view recording_cut_line = "cut\n";

}  // namespace rbamp::bus
