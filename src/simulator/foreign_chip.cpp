#include "simulator/foreign_chip.hpp"

#include "protocol/registers.hpp"
#include "simulator/random.hpp"

namespace rbamp::simulator {

ForeignChip::ForeignChip(const ForeignSettings& settings) : settings_(settings) {
  Random content{settings.address.value()};
  switch (settings.kind) {
    case ForeignSettings::Kind::eeprom:
      // Somebody's data, with what looks like a good firmware version where an rbAmp has it.
      for (auto& byte : memory_) byte = static_cast<std::uint8_t>(content.next() & 0xFFU);
      memory_[protocol::reg::version] = 0x04;
      memory_[protocol::reg::product_id] = 0x4B;
      break;
    case ForeignSettings::Kind::general_call_listener: memory_.fill(0xFF); break;
    case ForeignSettings::Kind::dimmer:
      memory_[protocol::reg::status] = 0x01;
      memory_[protocol::reg::version] = 0x04;
      memory_[protocol::reg::product_id] = 0x02;
      memory_[protocol::reg::hw_variant] = 0x01;
      break;
  }
}

bool ForeignChip::acknowledges(I2cAddress to) const {
  if (now_ < busy_until_) return false;
  if (to == general_call) return settings_.kind == ForeignSettings::Kind::general_call_listener;
  return to == settings_.address;
}

bool ForeignChip::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (to == general_call || bytes.size() < 2) return true;
  std::uint8_t at = bytes[0];
  for (const auto byte : bytes.subspan(1)) memory_.at(at++) = byte;
  bytes_written_ += bytes.size() - 1;
  if (settings_.kind == ForeignSettings::Kind::eeprom) busy_until_ = now_ + std::chrono::milliseconds{5};
  return true;
}

void ForeignChip::begin_read(std::uint8_t reg, std::span<std::uint8_t> out) {
  std::uint8_t at = reg;
  for (auto& byte : out) byte = memory_.at(at++);
}

}  // namespace rbamp::simulator
