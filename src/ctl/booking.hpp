// Books what a person asks for: in the ledger's file when no daemon has it, else through the daemon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "ctl/context.hpp"
#include "metering/correction.hpp"

namespace rbamp::ctl {

struct CorrectionOrder {
  std::string module;
  metering::CorrectionRequest request;
  std::optional<ModuleUid> new_chip;  ///< book it under this chip: the one that meters the place from now on
};

/// One channel's registers after the correction, and what it added.
struct BookedChannel {
  std::string channel;
  MicroWattHours added_import;
  MicroWattHours added_export;
  MicroWattHours total_import;
  MicroWattHours total_export;
};

struct BookedCorrection {
  UtcTime at{};
  std::vector<BookedChannel> channels;
};

/// In the file, or, while rbampd has it, through rbampd. Blocks for the disk, or for the daemon's.
/// Errors: those of book_in_file, and of dbus::Client.
[[nodiscard]] Result<BookedCorrection> book(Context& context, const CorrectionOrder& order);

/// Opens the ledger with the writer's lock, books one closing, closes it. Blocks for the disk.
/// Errors: request_invalid (see metering::correct; no such module), ledger_busy when rbampd has the ledger, ledger_*.
[[nodiscard]] Result<BookedCorrection> book_in_file(Context& context, const CorrectionOrder& order);

}  // namespace rbamp::ctl
