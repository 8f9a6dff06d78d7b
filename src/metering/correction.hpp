// Changes of registers that a person asks for: a correction, a value taken over from another meter, another chip in the same place.
// Pure. Design section 3, I2: registers never fall but by a dated, reasoned posting of its own kind; undoing is one more of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "metering/account.hpp"
#include "metering/posting.hpp"
#include "metering/quality.hpp"

namespace rbamp::metering {

struct RegisterChange {
  enum class Kind : std::uint8_t {
    by,  ///< add `amount`, which may be negative
    to,  ///< the register becomes `amount`, to the micro-watt-hour: what rounding had left over goes
  };
  Kind kind = Kind::by;
  MicroWattHours amount;
};

struct ChannelCorrection {
  std::string channel_id;
  std::optional<RegisterChange> energy_import;  ///< none: this register stays
  std::optional<RegisterChange> energy_export;
};

struct CorrectionRequest {
  Reason reason = Reason::correction;  ///< or meter_takeover, or meter_changed (which may leave all registers as they are)
  std::string note;                    ///< why, in the words of who asked; required
  std::vector<ChannelCorrection> channels;
};

inline constexpr std::size_t longest_correction_note = 500;  ///< bytes
/// A thousand years of a channel's range. Greater numbers are typing mistakes, and sums of them would not fit.
inline constexpr MicroWattHours greatest_register{200'000'000'000'000'000};

/// The line that makes the change, and moves the account's registers to what they are after it. The line covers no time, so it
/// stands beside the running period: `covered_until`, anchor and intent stay.
/// Error request_invalid, with the account as it was: an unknown channel or one named twice, a register that would be negative or
/// beyond `greatest_register`, a change of nothing, no note or one that is too long or has control characters.
[[nodiscard]] Result<Closing> correct(Account& account, const CorrectionRequest& request, const Instant& now);

}  // namespace rbamp::metering
