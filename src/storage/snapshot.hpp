// The registers as a small text file beside the database: what a day's damage must not take away.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "metering/account.hpp"
#include "storage/books.hpp"

namespace rbamp::storage {

using LedgerId = std::array<std::uint8_t, 16>;

struct SnapshotChannel {
  metering::ChannelKey key{};
  std::string name;
  ChannelIndex input;
  metering::Registers registers;
};

struct SnapshotPlace {
  metering::PlaceKey key{};
  std::string name;
  std::optional<metering::Instant> covered_until;
  std::optional<ModuleUid> last_chip;
  std::vector<SnapshotChannel> channels;
};

struct SnapshotChip {
  metering::ModuleKey key{};
  ModuleUid uid;
  ChipState state;  ///< empty but in a last word
};

struct Snapshot {
  LedgerId ledger{};
  UtcTime written{};
  /// Written when a ledger was closed, or could not go on: nothing was committed after it, so that chips have their anchors and
  /// intents. The next opening replaces it before it commits anything. False for the daily one, which is old by up to a day.
  bool is_last_word = false;
  std::uint16_t gc_tick = metering::no_gc_tick;
  std::int64_t last_round = 0;
  std::vector<SnapshotChip> chips;
  std::vector<SnapshotPlace> places;
};

/// Round numbers and broadcast ticks are proofs and cursors for others: none that may have been given since a snapshot is given
/// again. A million rounds, a quarter of the circle of ticks.
[[nodiscard]] std::int64_t last_round_after(std::int64_t last_known);
[[nodiscard]] std::uint16_t gc_tick_after(const Snapshot& snapshot);

/// Lines of words, energies in micro-watt-hours, a checksum in the last line. Remainders are hexadecimal floats: exact.
[[nodiscard]] std::string to_text(const Snapshot& snapshot);
/// Error ledger_damaged: not what to_text writes, or changed since.
[[nodiscard]] Result<Snapshot> snapshot_from(const std::string& text);

/// energy.db -> energy.db.registers
[[nodiscard]] std::string snapshot_path(const std::string& ledger_path);
/// Replaces the file in one step: after a power cut either the old or the new one is there. Whoever may read the ledger may read it:
/// `mode` is that of the ledger. Blocks for the disk. Errors: ledger_full, ledger_readonly, ledger_io.
[[nodiscard]] Result<void> store_snapshot(const std::string& path, const Snapshot& snapshot, mode_t mode);
/// nullopt when there is no file. Errors: ledger_damaged, ledger_io.
[[nodiscard]] Result<std::optional<Snapshot>> load_snapshot(const std::string& path);

}  // namespace rbamp::storage
