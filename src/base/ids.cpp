#include "base/ids.hpp"

#include <fstream>

namespace rbamp {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::optional<std::uint8_t> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<std::uint8_t>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
  return std::nullopt;
}

void append_hex(std::string& text, std::uint8_t byte) {
  text += hex_digits[byte >> 4U];
  text += hex_digits[byte & 0x0FU];
}

}  // namespace

std::string to_string(I2cAddress address) {
  std::string text = "0x";
  append_hex(text, address.value());
  return text;
}

std::optional<ModuleUid> ModuleUid::parse(std::string_view hex) {
  if (hex.size() != 2 * size) return std::nullopt;
  Bytes bytes{};
  for (std::size_t i = 0; i < size; ++i) {
    const auto high = hex_value(hex[2 * i]);
    const auto low = hex_value(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>((*high << 4U) | *low);
  }
  return ModuleUid{bytes};
}

std::string to_string(const ModuleUid& uid) {
  std::string text;
  text.reserve(2 * ModuleUid::size);
  for (const auto byte : uid.bytes()) append_hex(text, byte);
  return text;
}

std::string default_module_id(const ModuleUid& uid) {
  const std::string hex = to_string(uid);
  return "m" + hex.substr(hex.size() - 8);
}

std::string to_string(const BootId& boot) {
  std::string text;
  text.reserve(2 * boot.bytes().size());
  for (const auto byte : boot.bytes()) append_hex(text, byte);
  return text;
}

std::optional<BootId> BootId::parse(std::string_view text) {
  Bytes bytes{};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const auto value = hex_value(c);
    if (!value || digits >= 2 * bytes.size()) return std::nullopt;
    auto& byte = bytes[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4U) | *value);
    ++digits;
  }
  if (digits != 2 * bytes.size()) return std::nullopt;
  return BootId{bytes};
}

BootId BootId::of_host() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string text;
  std::getline(file, text);
  return parse(text).value_or(BootId{});
}

}  // namespace rbamp
