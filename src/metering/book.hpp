// From closed periods to lines of the ledger: the only place where power becomes energy. Pure. Design section 3.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metering/account.hpp"
#include "metering/posting.hpp"
#include "metering/quality.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// What one channel did in a closed period. Both energies are >= 0; absent means that nothing is known (no voltage, a gap).
struct ChannelEnergy {
  ChannelIndex index;
  std::optional<WattHours> energy_import;
  std::optional<WattHours> energy_export;
  bool export_is_estimated = false;  ///< live windows were missed
  bool import_is_estimated = false;  ///< the same for an inverted clamp, whose import is what the module sees as export
  ExportSource export_source = ExportSource::none;
};

/// One closed period of one module, as the fleet found it.
struct ClosedPeriod {
  Period span;
  Quality quality = Quality::measured;
  Reason reason = Reason::none;
  std::string note;
  std::vector<ChannelEnergy> channels;  ///< channels of the account that are missing here get 0
};

inline constexpr std::string_view missed_import_note =
    "the import of an inverted clamp is known only from live windows, and some were missed: what was used then is not in this "
    "line";

/// Mean power over a period: Wh = W x h, in double. Protocol 11.3.
[[nodiscard]] WattHours energy_of(Watts mean, Microseconds length);

/// Whole micro-watt-hours, and what is left over for the next posting, in [0, 1). `energy` must be >= 0.
struct Rounded {
  MicroWattHours amount;
  double remainder = 0.0;
};
[[nodiscard]] Rounded round_energy(WattHours energy, double remainder);

/// Books a period on an account: returns the line and moves the account's registers, remainders and `covered_until`.
/// Negative or not finite energies are booked as 0 and turn the quality into estimated(implausible): they never reach a register.
[[nodiscard]] Closing book(Account& account, const ClosedPeriod& period);

}  // namespace rbamp::metering
