#include "fleet/bus_budget.hpp"

#include <algorithm>

#include "fleet/usual_window.hpp"

namespace rbamp::fleet {
namespace {

// Room for latching, searching and repeated transfers.
constexpr Microseconds usable = std::chrono::milliseconds{180};
// Well below, so that a bus that is just full does not come and go.
constexpr Microseconds relaxed = std::chrono::milliseconds{160};

}  // namespace

bool BusBudget::judge(std::span<const Reader> readers) {
  Microseconds known{};
  std::int64_t known_count = 0;
  for (const auto& reader : readers) {
    known += reader.takes;
    if (reader.takes > Microseconds::zero()) ++known_count;
  }
  if (known_count == 0) return false;  // a lent bus, or the start
  Excess asked;
  double per_window = 0.0;
  for (const auto& reader : readers) {
    const auto takes = reader.takes > Microseconds::zero() ? reader.takes : known / known_count;
    const auto every = std::max(reader.every, usual_window);
    ++(every == usual_window ? asked.every_window : asked.seldom);
    per_window +=
        static_cast<double>(takes.count()) * static_cast<double>(usual_window.count()) / static_cast<double>(every.count());
  }
  asked.per_window = Microseconds{static_cast<std::int64_t>(per_window)};
  const bool is_all_known = known_count == static_cast<std::int64_t>(readers.size());
  if (!excess_) {
    if (asked.per_window <= usable) return false;
    excess_ = asked;
    return true;
  }
  if (asked.per_window < relaxed) {
    if (!is_all_known) return false;
    excess_.reset();
    return true;
  }
  const bool are_others = asked.every_window != excess_->every_window || asked.seldom != excess_->seldom;
  if (are_others) excess_ = asked;
  return are_others;
}

}  // namespace rbamp::fleet
