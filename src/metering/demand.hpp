// Demand: the mean import over fixed windows of local time, as tariffs bill it, with a forecast and the peak of the month. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "metering/posting.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// The greatest window of one local month.
struct DemandPeak {
  std::int32_t month = 0;  ///< months since 1970, local
  Watts power;
  UtcTime at{};  ///< begin of the window

  bool operator==(const DemandPeak&) const = default;
};

struct DemandReading {
  Watts so_far;               ///< mean of the running window until now
  Watts forecast;             ///< of the whole running window, if the power stays as it is
  std::optional<Watts> last;  ///< of the window before
  std::optional<DemandPeak> peak;
};

/// For one channel. Fed with committed postings, so that it never says more than the ledger, and with live power for what is not
/// booked yet. Windows lie on multiples of `window` in local time.
class Demand {
 public:
  explicit Demand(Microseconds window) : window_(window) {}

  /// `month_of`: local month of a window's begin. True when the peak changed and is worth being remembered, which only a trusted label does.
  template <class MonthOf>
  bool add(const Period& span, MicroWattHours import, MonthOf month_of) {
    bool is_new_peak = false;
    while (auto closed = step(span, import)) {
      is_new_peak = settle(*closed, month_of(closed->begin), span.end.utc_is_trusted) || is_new_peak;
    }
    return is_new_peak;
  }
  /// Of local time from UTC, at the posting that is added next.
  void set_offset(Microseconds offset) { offset_ = offset; }
  void power(Watts now) { power_ = now > Watts{0.0} ? now : Watts{0.0}; }
  void remember(const DemandPeak& peak) { peak_ = peak; }

  /// Nothing before the first posting.
  [[nodiscard]] std::optional<DemandReading> at(UtcTime now) const;

 private:
  struct Window {
    UtcTime begin{};
    WattHours energy;
    Microseconds covered{};
    UtcTime until{};  ///< end of what was added last; before that and not covered: nobody metered it
  };

  /// Adds the part of the posting that lies in the running window; returns the window when the posting goes on beyond it.
  [[nodiscard]] std::optional<Window> step(const Period& span, MicroWattHours import);
  bool settle(const Window& window, std::int32_t month, bool is_trusted);
  [[nodiscard]] UtcTime begin_of(UtcTime when) const;

  Microseconds window_;
  Microseconds offset_{};
  std::optional<Window> running_;
  std::optional<UtcTime> added_until_;  ///< inside the posting that is being added
  std::optional<Watts> last_;
  std::optional<DemandPeak> peak_;
  Watts power_;
};

}  // namespace rbamp::metering
