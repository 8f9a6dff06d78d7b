// The bit fields of single registers as typed sets. Protocol 4.1, 4.6, 5.1, 9.3.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

namespace rbamp::protocol {

/// A set of the bits that an enumeration names. Bits without a name are kept, so that nothing a module says gets lost.
template <class Bit>
class Flags {
 public:
  using Raw = std::underlying_type_t<Bit>;

  constexpr Flags() = default;
  constexpr explicit Flags(Raw raw) : raw_(raw) {}
  constexpr Flags(Bit bit) : raw_(static_cast<Raw>(bit)) {}  // NOLINT: a single flag is a set

  [[nodiscard]] constexpr bool has(Bit bit) const { return (raw_ & static_cast<Raw>(bit)) != 0; }
  [[nodiscard]] constexpr bool none() const { return raw_ == 0; }
  [[nodiscard]] constexpr Raw raw() const { return raw_; }

  friend constexpr Flags operator|(Flags a, Flags b) { return Flags{static_cast<Raw>(a.raw_ | b.raw_)}; }
  friend constexpr Flags operator&(Flags a, Flags b) { return Flags{static_cast<Raw>(a.raw_ & b.raw_)}; }
  constexpr bool operator==(const Flags&) const = default;

 private:
  Raw raw_ = 0;
};

/// STATUS 0x00.
enum class StatusBit : std::uint8_t {
  ready = 0x01,           ///< the first window is published
  error = 0x02,           ///< REG_ERROR is not zero
  events_pending = 0x04,  ///< EVENT_FLAGS is not zero
};
using Status = Flags<StatusBit>;

/// EVENT_FLAGS 0x2A, write 1 to clear; EVENT_MASK 0x2B uses the same bits.
enum class Event : std::uint8_t {
  period_ready = 0x01,       ///< a latch snapshot became available
  threshold_current = 0x02,  ///< the largest I_rms crossed THRESH_I_HI
  threshold_power = 0x04,    ///< the sum of P crossed THRESH_P_HI
  error = 0x08,              ///< REG_ERROR was not zero; follows it with 200 to 300 ms delay (9.1)
  config_changed = 0x10,     ///< class, model, address or label were written
  reset_occurred = 0x20,     ///< booted; stays until it is acknowledged
};
using Events = Flags<Event>;

/// RESET_CAUSE 0x4A. Several may be set: a power-on also pulls the reset pin.
enum class ResetCause : std::uint8_t {
  pin = 0x01,
  power_on = 0x02,  ///< or brown-out
  software = 0x04,  ///< the RESET command
  watchdog = 0x08,
  window_watchdog = 0x10,
  low_power = 0x20,
};
using ResetCauses = Flags<ResetCause>;

/// CAPABILITY 0x57. Hints, except zc_phase_offset, which says whether there is voltage hardware. Protocol 5.1.
enum class Capability : std::uint16_t {
  ext_addressing = 0x0001,
  gc_latch = 0x0002,
  gc_group_filter = 0x0004,
  digest = 0x0008,
  events = 0x0010,
  uid_arbitration = 0x0020,
  seal = 0x0040,
  two_phase_address = 0x0080,
  zc_phase_offset = 0x0100,
  save_user_config = 0x0200,
  clear_error = 0x0400,
  iap = 0x0800,
};
using Capabilities = Flags<Capability>;

/// FLEET_CONFIG 0x27. Acts only after a reset.
enum class FleetBit : std::uint8_t { gc_enable = 0x01 };
using FleetConfig = Flags<FleetBit>;

/// In human words, most important first, joined by ", "; bits without a name as "bit 6"; "none" for an empty set.
[[nodiscard]] std::string to_string(Status status);
[[nodiscard]] std::string to_string(Events events);
[[nodiscard]] std::string to_string(ResetCauses causes);
[[nodiscard]] std::string to_string(Capabilities capabilities);

}  // namespace rbamp::protocol
