// The registers as a small text file beside the database: what a day's damage must not take away.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "metering/account.hpp"

namespace rbamp::storage {

using LedgerId = std::array<std::uint8_t, 16>;

struct SnapshotChannel {
  std::string name;
  ChannelIndex input;
  metering::Registers registers;
};

struct SnapshotPlace {
  std::string name;
  std::optional<metering::Instant> covered_until;
  std::optional<ModuleUid> last_chip;
  std::vector<SnapshotChannel> channels;
};

struct Snapshot {
  LedgerId ledger{};
  UtcTime written{};
  std::uint16_t gc_tick = metering::no_gc_tick;
  std::int64_t last_round = 0;
  std::vector<SnapshotPlace> places;
};

/// Lines of words, energies in micro-watt-hours, a checksum in the last line. Remainders are hexadecimal floats: exact.
[[nodiscard]] std::string to_text(const Snapshot& snapshot);
/// Error ledger_damaged: not what to_text writes, or changed since.
[[nodiscard]] Result<Snapshot> snapshot_from(const std::string& text);

/// energy.db -> energy.db.registers
[[nodiscard]] std::string snapshot_path(const std::string& ledger_path);
/// Replaces the file in one step: after a power cut either the old or the new one is there. Blocks for the disk.
/// Errors: ledger_full, ledger_readonly, ledger_io.
[[nodiscard]] Result<void> store_snapshot(const std::string& path, const Snapshot& snapshot);
/// nullopt when there is no file. Errors: ledger_damaged, ledger_io.
[[nodiscard]] Result<std::optional<Snapshot>> load_snapshot(const std::string& path);

}  // namespace rbamp::storage
