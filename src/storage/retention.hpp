// Keeps the file bounded: folds old closings into the registers' folded sums, drops old quarter hours, gives pages back.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "storage/database.hpp"
#include "storage/rollup.hpp"

namespace rbamp::storage {

struct RetentionRules {
  Microseconds closings{};
  Microseconds quarter_hours{};
};

/// Works in small steps so that a round never waits long. Blocks for the disk; throws Failure; each step is a transaction.
class Retention {
 public:
  Retention(Connection& connection, RollUp& rollup, RetentionRules rules);
  void set_rules(RetentionRules rules) { rules_ = rules; }

  /// One step; true when there is more to do. Folding starts when six hours too much have gathered, so that whole pages
  /// become free and the daily volume of writes stays small.
  /// `rolled_up_through`: rounds after it are never folded. `newest_label`: end of the newest round that a trusted clock labelled;
  /// of the newest one where there is none. A clock that stands before it by more than a day folds nothing: a host without a battery
  /// clock boots in the past, and what it books then must not make its years look like the future.
  bool step(UtcTime now, bool utc_is_trusted, std::int64_t rolled_up_through, std::optional<UtcTime> newest_label);

 private:
  /// What may go: rounds that ended before `cutoff`, and those that stand after `latest`, which no true label can. Without `latest`
  /// the clock is not trusted, and no label is called wrong.
  struct Bounds {
    UtcTime cutoff;
    std::optional<UtcTime> latest;
  };
  bool fold(const Bounds& bounds, std::int64_t rolled_up_through);
  /// The last of at most `step_rounds` oldest rounds that may go; nullopt when there is none.
  [[nodiscard]] std::optional<std::int64_t> last_foldable(const Bounds& bounds, std::int64_t rolled_up_through);
  void settle(std::int64_t last);
  bool drop_quarter_hours(UtcTime cutoff);
  bool vacuum();

  Connection& connection_;
  RollUp& rollup_;
  RetentionRules rules_;
  bool is_folding_ = false;
  Query oldest_;
  Query sums_;
  Query fold_sums_;
};

}  // namespace rbamp::storage
