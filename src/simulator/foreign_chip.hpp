// Chips on the bus that are no rbAmp and must never be written to. They remember every write.
#pragma once

#include <array>
#include <cstdint>

#include "simulator/chip.hpp"
#include "simulator/settings.hpp"

namespace rbamp::simulator {

class ForeignChip final : public Chip {
 public:
  explicit ForeignChip(const ForeignSettings& settings);

  void advance(SimTime now) override { now_ = now; }
  [[nodiscard]] bool may_answer(I2cAddress to, SimTime) const override { return to == general_call || to == settings_.address; }
  [[nodiscard]] bool acknowledges(I2cAddress to) const override;
  bool write(I2cAddress to, std::span<const std::uint8_t> bytes) override;
  void begin_read(std::uint8_t reg, std::span<std::uint8_t> out) override;
  void continue_read(std::uint8_t, std::size_t, std::span<std::uint8_t>) override {}
  void end_read(std::uint8_t, std::size_t) override {}
  [[nodiscard]] SimTime next_change() const override { return never; }

  [[nodiscard]] const ForeignSettings& settings() const { return settings_; }
  /// Data bytes that somebody wrote into this chip; a register pointer alone is not one.
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
  [[nodiscard]] const std::array<std::uint8_t, 256>& memory() const { return memory_; }

 private:
  ForeignSettings settings_;
  SimTime now_{};
  SimTime busy_until_{};  ///< an EEPROM does not answer while it stores a page
  std::array<std::uint8_t, 256> memory_{};
  std::uint64_t bytes_written_ = 0;
};

}  // namespace rbamp::simulator
