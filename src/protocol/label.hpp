// LABEL 0x68: what the owner wrote on the module, up to eight ASCII characters. Protocol 3.1, 4.7.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocol/register_write.hpp"
#include "protocol/registers.hpp"

namespace rbamp::protocol {

using LabelBytes = std::array<std::uint8_t, reg::label_size>;

/// Up to the first zero; what is not printable ASCII becomes '?', so that no label reaches a terminal or a topic with control characters.
[[nodiscard]] std::string decode_label(std::span<const std::uint8_t, reg::label_size> bytes);

/// Zero padded; an empty label clears. Error: config_invalid (give_up) naming the character or the length.
[[nodiscard]] Result<LabelBytes> encode_label(std::string_view label);

/// One write for each byte, low address first. A power cut in between leaves a mixed label in RAM only: it is kept by SAVE_USER_CONFIG.
[[nodiscard]] std::array<RegisterWrite, reg::label_size> label_writes(const LabelBytes& label);

}  // namespace rbamp::protocol
