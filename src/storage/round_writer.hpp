// Writes what a round adds: rows of rounds, closings and remarks, and the state of the chips (anchors, intents, resets).
#pragma once

#include <cstdint>
#include <optional>

#include "metering/posting.hpp"
#include "storage/books.hpp"
#include "storage/database.hpp"
#include "storage/registry.hpp"

namespace rbamp::storage {

/// Bits of the column `flags` of anchors and intents.
namespace anchor_flag {
inline constexpr std::int64_t utc_is_trusted = 1;
inline constexpr std::int64_t is_valid_snapshot = 2;
inline constexpr std::int64_t is_reset_pending = 4;
}  // namespace anchor_flag
namespace intent_flag {
inline constexpr std::int64_t utc_is_trusted = 1;
inline constexpr std::int64_t broadcast = 2;
inline constexpr std::int64_t armed = 4;
inline constexpr std::int64_t reset_was_cleared = 8;
}  // namespace intent_flag

/// Blocks for the disk; throws Failure. Statements are prepared once. The caller opens transactions.
class RoundWriter {
 public:
  RoundWriter(Connection& connection, Registry& registry);

  /// `day` is the local calendar day in which the round ends.
  void write(const RoundRow& round, std::int32_t day);
  void write(const StagedRound::Line& line);
  void write_anchor(metering::ModuleKey module, metering::PlaceKey place, const metering::Anchor& anchor);
  void write_intent(metering::ModuleKey module, const metering::Intent& intent);
  void remove_intent(metering::ModuleKey module);
  void write_reset(metering::ModuleKey module, const metering::ResetSeen& reset);
  void write_gc_tick(std::uint16_t tick);

  /// Replaces all anchors and intents by those of `books`.
  void write_chips(const Books& books);

  /// Anchors and intents; the modules and places that they name must be in `books` already.
  void load_chips(Books& books);
  [[nodiscard]] std::uint16_t load_gc_tick();

 private:
  [[nodiscard]] metering::Anchor anchor_from(const Rows& rows);
  [[nodiscard]] metering::Intent intent_from(const Rows& rows);

  Connection& connection_;
  Registry& registry_;
  Query insert_round_;
  Query insert_closing_;
  Query insert_remark_;
  Query upsert_anchor_;
  Query upsert_intent_;
  Query delete_intent_;
  Query insert_reset_;
  Query select_tick_;
};

}  // namespace rbamp::storage
