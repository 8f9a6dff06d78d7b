#include "storage/retention.hpp"

#include <algorithm>
#include <vector>

namespace rbamp::storage {
namespace {

constexpr std::int64_t step_rounds = 64;  // 1024 closings of 16 modules: a few milliseconds
constexpr std::int64_t step_quarters = 2048;
constexpr std::int64_t step_pages = 256;
// Short enough that the pages it frees are used again before the log that holds them is copied.
constexpr Microseconds fold_slack = std::chrono::hours{3};
// A clock that nobody vouches for may be months ahead. Folding loses detail, never energy, but still waits twice as long.
constexpr int untrusted_factor = 2;
// Free pages are used again by the next rounds; only a lasting surplus (a shorter retention) is given back.
constexpr std::int64_t free_pages_kept = 4096;

}  // namespace

Retention::Retention(Connection& connection, RollUp& rollup, RetentionRules rules)
    : connection_(connection),
      rollup_(rollup),
      rules_(rules),
      oldest_(connection,
              "SELECT r.id, r.end_utc_us FROM rounds r WHERE r.id > (SELECT folded_through FROM book) AND r.id <= ? ORDER BY "
              "r.id LIMIT ?"),
      sums_(connection,
            "SELECT mount, sum(import0), sum(export0), sum(import1), sum(export1), sum(import2), sum(export2) FROM closings "
            "WHERE id > (SELECT folded_through << 8 | 255 FROM book) AND id <= (?1 << 8 | 255) AND quality <> 4 GROUP BY mount"),
      fold_sums_(connection,
                 "UPDATE registers SET folded_import = folded_import + ?3, folded_export = folded_export + ?4 "
                 "WHERE channel = (SELECT channel FROM mount_channels WHERE mount = ?1 AND slot = ?2)") {}

bool Retention::step(UtcTime now, bool utc_is_trusted, std::int64_t rolled_up_through, std::optional<UtcTime> newest_label) {
  // A clock that stands before what is already booked says nothing about age.
  if (!newest_label || now < *newest_label - std::chrono::hours{24}) return false;
  const Microseconds keep = rules_.closings * (utc_is_trusted ? 1 : untrusted_factor);
  Bounds bounds{now - keep - (is_folding_ ? Microseconds::zero() : fold_slack), std::nullopt};
  if (utc_is_trusted) bounds.latest = std::max(now, *newest_label);
  is_folding_ = fold(bounds, rolled_up_through);
  if (is_folding_) return true;
  if (utc_is_trusted && drop_quarter_hours(now - rules_.quarter_hours)) return true;
  return vacuum();
}

std::optional<std::int64_t> Retention::last_foldable(const Bounds& bounds, std::int64_t rolled_up_through) {
  std::optional<std::int64_t> last;
  std::int64_t count = 0;
  for (Rows rows = oldest_.select(rolled_up_through, step_rounds); rows.next();) {
    const UtcTime label{Microseconds{rows.integer(1)}};
    // Rounds stand in the order in which they happened. A label after the newest one and after now was taken while the clock was
    // wrong: it may not keep its successors here for ever.
    const bool is_nonsense = bounds.latest && label > *bounds.latest;
    if (!is_nonsense && label >= bounds.cutoff) break;
    if (!is_nonsense) last = rows.integer(0);
    ++count;
    if (is_nonsense && count == step_rounds) last = rows.integer(0);
  }
  return last;
}

bool Retention::fold(const Bounds& bounds, std::int64_t rolled_up_through) {
  const auto last = last_foldable(bounds, rolled_up_through);
  if (!last) return false;
  Transaction transaction{connection_};
  settle(*last);
  for (Rows rows = sums_.select(*last); rows.next();) {
    for (int slot = 0; slot < static_cast<int>(slots_per_row); ++slot) {
      if (rows.is_null(1 + 2 * slot)) continue;
      fold_sums_.run(rows.integer(0), std::int64_t{slot}, rows.integer(1 + 2 * slot), rows.integer(2 + 2 * slot));
    }
  }
  const std::string through = std::to_string(*last);
  const std::string from = "(SELECT folded_through FROM book)";
  const std::string range = "> (" + from + " << 8 | 255) AND id <= (" + through + " << 8 | 255)";
  // Adjustments stay for ever: a person made them, and somebody may ask years later.
  connection_.execute("DELETE FROM remarks WHERE closing IN (SELECT id FROM closings WHERE id " + range + " AND quality <> 4)");
  connection_.execute("DELETE FROM closings WHERE id " + range + " AND quality <> 4");
  connection_.execute("DELETE FROM rounds WHERE id > " + from + " AND id <= " + through +
                      " AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.id BETWEEN rounds.id << 8 AND (rounds.id << 8) | 255)");
  connection_.execute("UPDATE book SET folded_through = " + through);
  transaction.commit();
  return true;
}

/// Rounds whose labels were never trusted are in no quarter hour yet. Nobody will correct them after this long.
void Retention::settle(std::int64_t last) {
  Query find{connection_, "SELECT id FROM rounds WHERE label = 0 AND id <= ?"};
  std::vector<std::int64_t> unsettled;
  for (Rows rows = find.select(last); rows.next();) unsettled.push_back(rows.integer(0));
  Query mark{connection_, "UPDATE rounds SET label = 2 WHERE id = ?"};
  for (const auto id : unsettled) {
    mark.run(id);
    rollup_.add_rounds(id, id);
  }
}

bool Retention::drop_quarter_hours(UtcTime cutoff) {
  const std::string bound = std::to_string(quarter_hour_id(cutoff, 0));
  if (connection_.integer("SELECT EXISTS (SELECT 1 FROM quarter_hours WHERE id < " +
                          std::to_string(quarter_hour_id(cutoff - fold_slack, 0)) + ")") != 1) {
    return false;
  }
  Transaction transaction{connection_};
  connection_.execute("DELETE FROM quarter_hours WHERE id IN (SELECT id FROM quarter_hours WHERE id < " + bound +
                      " ORDER BY id LIMIT " + std::to_string(step_quarters) + ")");
  transaction.commit();
  return true;
}

bool Retention::vacuum() {
  const auto free = connection_.integer("PRAGMA freelist_count").value_or(0);
  const auto all = connection_.integer("PRAGMA page_count").value_or(0);
  if (free <= free_pages_kept || free * 4 < all) return false;
  connection_.execute("PRAGMA incremental_vacuum(" + std::to_string(step_pages) + ")");
  return true;
}

}  // namespace rbamp::storage
