// The forms in which `rbampctl history` shows its series.
#pragma once

#include <iosfwd>
#include <vector>

#include "base/local_time.hpp"
#include "ctl/bar_plot.hpp"
#include "ctl/history_series.hpp"

namespace rbamp::ctl {

struct HistoryView {
  HistoryQuestion question;
  UtcTime now{};
  TimeZone zone;
};

/// A block per series: title, a line per bar, a sum, and what the marks mean.
void print_history_table(const std::vector<Series>& series, const HistoryView& view, std::ostream& out);
/// The same with bars.
void print_history_plot(const std::vector<Series>& series, const HistoryView& view, const PlotStyle& style, std::ostream& out);
/// One line per bar that the ledger knows. Columns: docs/rbampctl.md.
void print_history_csv(const std::vector<Series>& series, const HistoryView& view, std::ostream& out);
/// One object. Its form: docs/rbampctl.md.
void print_history_json(const std::vector<Series>& series, const HistoryView& view, std::ostream& out);

}  // namespace rbamp::ctl
