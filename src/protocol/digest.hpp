// DIGEST 0x70..0x85: the main values of one window in at most 22 bytes, read-frozen. Protocol 10.3.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "protocol/bytes.hpp"
#include "protocol/flags.hpp"
#include "protocol/registers.hpp"
#include "protocol/variant.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

/// DIGEST_CONFIG 0x29. RAM: 0 (disabled) after every reset.
enum class DigestField : std::uint8_t { current = 0x01, voltage = 0x02, power = 0x04, power_factor = 0x08 };
using DigestMask = Flags<DigestField>;

using DigestBytes = std::array<std::uint8_t, reg::digest_size>;

/// Coarser than the live block: 0.01 A, 0.1 V, 1 W, and a power factor without its sign. A field is absent when the mask or the
/// variant leaves it out, or when it is implausible (counted).
struct Digest {
  Status status;
  std::uint8_t sequence = 0;  ///< +1 for each window, 255 to 0
  std::array<std::optional<Amperes>, max_channels> current;
  std::optional<Volts> voltage;
  std::array<std::optional<Watts>, max_channels> power;
  std::array<std::optional<PowerFactor>, max_channels> power_factor;
  unsigned rejected = 0;
};

/// True when the module accepts the mask: bits 4 to 7 never, all but current only with a voltage input (else REG_ERROR PARAM).
[[nodiscard]] bool is_supported(DigestMask mask, Variant variant);
/// The richest mask of the variant.
[[nodiscard]] DigestMask full_digest(Variant variant);
/// Bytes in use; the rest of the 22 is zero. 0 for mask 0.
[[nodiscard]] std::size_t digest_length(DigestMask mask, Variant variant);

/// `mask` must be supported and the one in force; with mask 0 everything is absent.
[[nodiscard]] Digest decode_digest(Burst<reg::digest_size> burst, DigestMask mask, Variant variant);
/// What a module makes of these values: saturating at the field's range, absent values as 0.
[[nodiscard]] DigestBytes encode_digest(const Digest& digest, DigestMask mask, Variant variant);

}  // namespace rbamp::protocol
