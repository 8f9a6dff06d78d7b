// Goes through the lines of the ledger piece by piece, so that neither memory nor a read transaction grows with the stretch of time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "storage/reader.hpp"

namespace rbamp::ctl {

/// Lines whose period ended in (from, to], in ledger order. Without bounds: everything that is kept.
/// Blocks for the disk at each call; the reader must outlive it. Errors: those of storage::Reader.
class LineWalk {
 public:
  struct Bounds {
    std::optional<UtcTime> from;
    std::optional<UtcTime> to;
    std::int64_t after = 0;  ///< only lines behind this id
  };

  LineWalk(storage::Reader& reader, Bounds bounds) : reader_(reader), bounds_(bounds), cursor_(bounds.after) {}

  /// The next lines that belong to the answer. The walk is at its end when this is empty.
  [[nodiscard]] Result<std::vector<storage::LedgerLine>> next();

  /// The id behind which to go on another time: everything up to it was given or does not belong to the answer.
  [[nodiscard]] std::int64_t cursor() const { return cursor_; }

  static constexpr std::size_t closings_per_piece = 2000;

 private:
  Result<void> begin();
  [[nodiscard]] bool belongs(const storage::LedgerLine& line) const;

  storage::Reader& reader_;
  Bounds bounds_;
  std::int64_t cursor_;
  std::int64_t last_ = INT64_MAX;
  bool has_begun_ = false;
  bool is_over_ = false;
};

}  // namespace rbamp::ctl
