#include "ctl/line_walk.hpp"

#include <algorithm>

namespace rbamp::ctl {

Result<void> LineWalk::begin() {
  has_begun_ = true;
  if (!bounds_.from && !bounds_.to) return {};
  // The index on time knows whole seconds; `belongs` is exact.
  const UtcTime from = bounds_.from.value_or(UtcTime{});
  const UtcTime to = bounds_.to.value_or(UtcTime{std::chrono::hours{24 * 366 * 300}}) + std::chrono::seconds{1};
  const auto range = reader_.ids_between(from, to);
  if (!range) return failure(range.error());
  if (!*range) {
    is_over_ = true;
    return {};
  }
  cursor_ = std::max(cursor_, (*range)->first - 1);
  if (bounds_.to) last_ = (*range)->last;
  return {};
}

bool LineWalk::belongs(const storage::LedgerLine& line) const {
  return line.id <= last_ && (!bounds_.from || line.end > *bounds_.from) && (!bounds_.to || line.end <= *bounds_.to);
}

Result<std::vector<storage::LedgerLine>> LineWalk::next() {
  if (!has_begun_) {
    if (const auto begun = begin(); !begun) return failure(begun.error());
  }
  std::vector<storage::LedgerLine> given;
  while (!is_over_ && given.empty()) {
    auto piece = reader_.lines_after(cursor_, closings_per_piece);
    if (!piece) return piece;
    is_over_ = piece->empty() || piece->back().id >= last_;
    if (!piece->empty()) cursor_ = std::min(piece->back().id, last_);
    std::copy_if(piece->begin(), piece->end(), std::back_inserter(given), [this](const auto& line) { return belongs(line); });
  }
  return given;
}

}  // namespace rbamp::ctl
