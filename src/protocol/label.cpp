#include "protocol/label.hpp"

#include <algorithm>

namespace rbamp::protocol {
namespace {

constexpr bool is_printable(std::uint8_t byte) { return byte >= 0x20 && byte < 0x7F; }

}  // namespace

std::string decode_label(std::span<const std::uint8_t, reg::label_size> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    if (byte == 0x00) break;
    text += is_printable(byte) ? static_cast<char>(byte) : '?';
  }
  return text;
}

Result<LabelBytes> encode_label(std::string_view label) {
  if (label.size() > reg::label_size) {
    return failure(
        Errc::config_invalid, Remedy::give_up,
        "the label \"" + std::string{label} + "\" has " + std::to_string(label.size()) + " bytes: a module stores at most 8");
  }
  LabelBytes bytes{};
  for (std::size_t i = 0; i < label.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(label[i]);
    if (!is_printable(bytes[i])) {
      return failure(Errc::config_invalid, Remedy::give_up,
                     "character " + std::to_string(i + 1) +
                         " of the label is not plain ASCII: use letters, digits and punctuation without accents");
    }
  }
  return bytes;
}

std::array<RegisterWrite, reg::label_size> label_writes(const LabelBytes& label) {
  std::array<RegisterWrite, reg::label_size> writes{};
  for (std::size_t i = 0; i < writes.size(); ++i) writes[i] = {static_cast<reg::Address>(reg::label + i), label[i]};
  return writes;
}

}  // namespace rbamp::protocol
