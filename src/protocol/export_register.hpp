// PERIOD_AVG_P_NEG[0..2]: the export that firmware of a bidirectional tier averages itself. Its address is published nowhere, so the
// owner gives it. Protocol 1.3, D31, 20.10.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.hpp"
#include "protocol/registers.hpp"
#include "protocol/snapshot.hpp"
#include "protocol/variant.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

/// One f32 for each channel, one after the other.
inline constexpr std::size_t export_block_size = 4 * max_channels;
inline constexpr std::uint8_t last_export_register = 0x100 - export_block_size;

/// What the published map keeps where three channels' export would lie, in words for the owner; empty: nothing that we know.
[[nodiscard]] std::string_view named_register_in_export_block(std::uint8_t first);

/// Mean exported power of the closed period, as a positive number: whether firmware writes it with a minus sign is not known (D37).
/// Absent: the variant lacks the channel or the voltage, or no hardware can deliver the value.
[[nodiscard]] std::array<std::optional<Watts>, max_channels> decode_export(Burst<export_block_size> burst, Variant variant);

}  // namespace rbamp::protocol
