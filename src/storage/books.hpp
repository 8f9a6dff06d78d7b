// The ledger's open accounts in memory: what the next round must fit to. Pure: no database here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "metering/posting.hpp"
#include "storage/closing_row.hpp"

namespace rbamp::storage {

struct ChannelBook {
  metering::PlaceKey place{};
  std::string name;
  ChannelIndex input;
  metering::Registers registers;
};

struct PlaceBook {
  std::string name;
  std::optional<metering::Instant> covered_until;
  std::optional<metering::ModuleKey> last_module;
};

/// What must be known of a chip to bill its running average.
struct ChipState {
  metering::PlaceKey place{};  ///< where the anchor was taken
  std::optional<metering::Anchor> anchor;
  std::optional<metering::Intent> intent;
};

/// A chip at a place with up to three channels.
struct Mount {
  std::int64_t id = 0;
  metering::PlaceKey place{};
  metering::ModuleKey module{};
  std::array<std::optional<metering::ChannelKey>, slots_per_row> channels;

  [[nodiscard]] std::optional<std::size_t> slot_of(metering::ChannelKey channel) const;
};

/// Closings that share a row of `rounds`: same boot, same second of UTC, same offset between the two clocks.
struct RoundRow {
  std::int64_t id = 0;
  metering::Instant end;
};

/// A round that was checked and turned into rows, not written yet.
struct StagedRound {
  struct Line {
    ClosingRow row;
    std::string note;
  };
  std::vector<Mount> new_mounts;
  std::vector<RoundRow> rounds;
  std::vector<Line> lines;
  std::map<metering::ChannelKey, metering::Registers> registers;  ///< after the round, of the channels that it touches
  std::map<metering::PlaceKey, PlaceBook> places;                 ///< the same for places
};

class Books {
 public:
  std::map<metering::PlaceKey, PlaceBook> places;
  std::map<metering::ModuleKey, ModuleUid> modules;
  std::map<metering::ModuleKey, ChipState> chips;  ///< those with an anchor or an intent
  std::map<metering::ChannelKey, ChannelBook> channels;
  std::map<std::int64_t, Mount> mounts;
  std::int64_t next_round = 1;

  /// The newest mount of this chip at this place that has the channel.
  [[nodiscard]] const Mount* mount_of(metering::PlaceKey place, metering::ModuleKey module, metering::ChannelKey channel) const;
  [[nodiscard]] std::int64_t next_mount() const { return mounts.empty() ? 1 : mounts.rbegin()->first + 1; }
  /// Mounts for channels that this chip did not meter at this place in this arrangement before; empty when all are there.
  [[nodiscard]] std::vector<Mount> missing_mounts(metering::PlaceKey place, metering::ModuleKey module,
                                                  const std::vector<metering::ChannelKey>& wanted) const;

  /// Checks I1 (each total is the stored total plus the amount), I2 (nothing falls) and that no time is covered twice, and
  /// makes the rows. Nothing is changed until `apply`. Error: ledger_damaged with Remedy::give_up, which names the line: the
  /// caller and the ledger disagree about the past, and storing either would invent or lose energy.
  [[nodiscard]] Result<StagedRound> stage(const metering::RoundCommit& round) const;
  /// After the transaction is durable.
  void apply(const metering::RoundCommit& round, const StagedRound& staged);
};

}  // namespace rbamp::storage
