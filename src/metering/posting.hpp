// Lines of the ledger, and what is committed together. Design section 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "metering/account.hpp"
#include "metering/export_source.hpp"
#include "metering/quality.hpp"

namespace rbamp::metering {

/// One channel's share of a closing. Totals are the registers after this line.
struct Posting {
  ChannelKey channel{};
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  MicroWattHours total_import;
  MicroWattHours total_export;
  double import_remainder = 0.0;  ///< registers' remainders after this line; stored with the registers, not with the line
  double export_remainder = 0.0;
  bool export_is_estimated = false;  ///< import may be measured while live windows were missed
  ExportSource export_source = ExportSource::none;
};

/// One closed period of one place: all its channels at once. Also a gap (energies 0) or an adjustment (length 0).
struct Closing {
  PlaceKey place{};
  ModuleKey module{};
  Period span;
  Quality quality = Quality::measured;
  Reason reason = Reason::none;
  std::string note;  ///< empty, or bounds and circumstances of what is not simply measured, one sentence
  std::vector<Posting> postings;
};

/// A module restart that was noticed; durable before EVENT_FLAGS bit 5 is cleared (protocol 12.2).
struct ResetSeen {
  Instant at;
  std::uint32_t uptime_s = 0;
  std::uint8_t reset_cause = 0;
};

/// Everything one module contributes to a transaction.
struct ModuleCommit {
  PlaceKey place{};
  ModuleKey module{};
  std::vector<Closing> closings;  ///< in time order; may be empty (primer, empty latch)
  std::optional<Anchor> anchor;   ///< replaces the chip's anchor
  std::optional<ResetSeen> reset;
  std::optional<Intent> next_intent;  ///< the planned latch; replaces the chip's intent. none: the intent is removed
  bool keeps_intent = false;          ///< the chip's intent stays as it is: a correction stands beside the latches
};

/// One transaction of the ledger: a latch round, or a part of it that came late.
struct RoundCommit {
  std::vector<ModuleCommit> modules;
  std::uint16_t last_gc_tick = no_gc_tick;  ///< last tick taken for a broadcast, so that it is not reused; no_gc_tick: unchanged
};

/// A latch that is about to be sent, for one chip.
struct ArmedLatch {
  ModuleKey module{};
  Intent intent;
};

}  // namespace rbamp::metering
