// Who answers at an address: the burst 0x54..0x6F beside VERSION. Reads only, nothing here leads to a write. Protocol 7.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "protocol/bytes.hpp"
#include "protocol/flags.hpp"
#include "protocol/registers.hpp"
#include "protocol/variant.hpp"

namespace rbamp::protocol {

inline constexpr reg::Address identity_start = reg::product_id;
inline constexpr std::size_t identity_size = 28;
static_assert(identity_start + identity_size == reg::label + reg::label_size);
using IdentityBytes = std::array<std::uint8_t, identity_size>;

/// What a chip says about itself, decoded; trustworthy only when `classify` called it an rbAmp.
struct Identity {
  std::uint8_t version = 0;
  Variant variant = Variant::ui1;
  FirmwareTier tier;
  Capabilities capabilities;
  ModuleUid uid;
  std::string label;               ///< see decode_label; empty: unset
  std::uint16_t gc_tick = 0xFFFF;  ///< of the last accepted broadcast; not frozen, compare two reads before relying on it
  bool operator==(const Identity&) const = default;
};

enum class ChipKind {
  rbamp,            ///< a module that may be used
  legacy,           ///< perhaps an rbAmp with firmware before v1.3: read only when the operator declares it, never written (1.4)
  dimmer,           ///< an rbDimmer: another register map, leave alone
  foreign,          ///< no rbAmp, or a bus fault
  clone,            ///< an rbAmp whose identity check failed (REG_ERROR 0xF9): it measures nothing, for ever. Protocol 5.3
  unknown_variant,  ///< an rbAmp of a kind that this program does not know
  contradictory,    ///< variant, voltage bit and UID do not fit together: damaged, or two modules on one address
};
[[nodiscard]] std::string_view to_string(ChipKind kind);

struct Chip {
  ChipKind kind = ChipKind::foreign;
  std::uint8_t version = 0;
  std::uint8_t product = 0;
  std::uint8_t variant_code = 0;
  Identity identity;  ///< meaningful for ChipKind::rbamp only
};

/// Decides what answered. `version` is register 0x03, read before the burst: legacy maps reuse 0x50..0x85 (D4).
/// Compare two reads of the burst before trusting a UID; the part before 0x59 and from 0x5C on must be identical.
[[nodiscard]] Chip classify(std::uint8_t version, Burst<identity_size> burst);
/// All zeros: a disturbed bus, or a module that shows REG_ERROR and nothing else. When that is 0xF9, it is a clone.
[[nodiscard]] bool may_be_clone(std::uint8_t version, Burst<identity_size> burst);
/// One sentence about the chip and what to do, without the address: "an EEPROM or another chip ...".
[[nodiscard]] std::string describe(const Chip& chip);
/// The identity, or not_rbamp / give_up with describe()'s words.
[[nodiscard]] Result<Identity> require_rbamp(const Chip& chip);
/// True when two reads of the burst name the same chip: all but GC_TICK, which a broadcast may change in between.
[[nodiscard]] bool same_identity(Burst<identity_size> a, Burst<identity_size> b);

}  // namespace rbamp::protocol
