#include "ctl/history_view.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/csv.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/json_text.hpp"
#include "ctl/table.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using storage::Bucket;

struct Totals {
  MicroWattHours energy_import;
  MicroWattHours energy_export;
};

Totals totals_of(const std::vector<storage::Bar>& bars) {
  Totals totals;
  for (const auto& bar : bars) {
    totals.energy_import += bar.energy_import;
    totals.energy_export += bar.energy_export;
  }
  return totals;
}

/// The clock was changed within the answer: the same time of day may stand there twice, and needs its offset.
bool changes_offset(const std::vector<ShownBar>& bars, const TimeZone& zone) {
  return !bars.empty() && zone.offset_at(bars.front().begin) != zone.offset_at(bars.back().begin);
}

std::string weekday_of(UtcTime when, const TimeZone& zone) {
  static constexpr std::array names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const std::chrono::sys_days day{std::chrono::days{zone.local_day(when)}};
  return names.at(std::chrono::weekday{day}.c_encoding());
}

std::string label_of(const ShownBar& bar, const Resolution& resolution, const TimeZone& zone, bool with_offset) {
  std::string local = to_local(bar.begin, zone);
  const std::string offset = with_offset ? " " + offset_text(bar.begin, zone) : "";
  if (!resolution) return local + offset;
  switch (*resolution) {
    case Bucket::quarter_hour:
    case Bucket::hour: return local.substr(0, 16) + offset;
    case Bucket::day: return weekday_of(bar.begin, zone) + " " + local.substr(0, 10);
    case Bucket::month: return local.substr(0, 7);
    case Bucket::year: return local.substr(0, 4);
  }
  return local;
}

std::string marks_of(const ShownBar& bar) { return ctl::marks_of(bar.qualities) + (bar.is_running ? ">" : ""); }

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

void print_title(const Series& series, const HistoryView& view, std::ostream& out) {
  if (series.is_sum()) {
    out << "Sum of " << series.channels.size() << " channels with the role " << metering::to_string(series.role) << ": "
        << joined(series.channels, ", ");
  } else {
    out << series.name << " (" << metering::to_string(series.role) << ")";
  }
  out << ", by " << to_string(view.question.resolution) << ", " << view.zone.name() << '\n';
}

void print_legend(const std::vector<ShownBar>& bars, std::ostream& out) {
  QualityBits bits = 0;
  bool is_running = false;
  for (const auto& bar : bars) {
    bits = static_cast<QualityBits>(bits | bar.qualities);
    is_running = is_running || bar.is_running;
  }
  for (const auto& line : legend_of(bits)) out << line << '\n';
  if (is_running) out << "> is not over yet\n";
}

/// A minute of a house is a few watt-hours.
EnergyUnit unit_of(const HistoryView& view) { return view.question.resolution ? EnergyUnit::kwh : EnergyUnit::wh; }

std::string energy_or_nothing(const std::optional<MicroWattHours>& energy, EnergyUnit unit) {
  return energy ? rounded(*energy, unit) : "-";
}

bool has_export(const std::vector<ShownBar>& bars) {
  return std::any_of(bars.begin(), bars.end(),
                     [](const ShownBar& bar) { return bar.energy_export.value_or(MicroWattHours{}) != MicroWattHours{}; });
}

Table table_of(const Series& series, const std::vector<ShownBar>& bars, const HistoryView& view) {
  const bool with_export = has_export(bars);
  const bool with_offset = changes_offset(bars, view.zone);
  const EnergyUnit unit = unit_of(view);
  std::vector<Table::Column> columns{{"begin", Table::Align::left}, {"import " + to_string(unit), Table::Align::right}};
  if (with_export) {
    columns.push_back({"export " + to_string(unit), Table::Align::right});
    columns.push_back({"net " + to_string(unit), Table::Align::right});
  }
  columns.push_back({"", Table::Align::left});
  Table table{columns};
  const auto add = [&](const std::string& label, std::optional<MicroWattHours> in, std::optional<MicroWattHours> out,
                       const std::string& marks) {
    std::vector<std::string> cells{label, energy_or_nothing(in, unit)};
    if (with_export) {
      cells.push_back(energy_or_nothing(out, unit));
      cells.push_back(in && out ? rounded(*in - *out, unit) : "-");
    }
    cells.push_back(marks);
    table.add(std::move(cells));
  };
  for (const auto& bar : bars)
    add(label_of(bar, view.question.resolution, view.zone, with_offset), bar.energy_import, bar.energy_export, marks_of(bar));
  const Totals totals = totals_of(series.bars);
  add("sum", totals.energy_import, totals.energy_export, "");
  return table;
}

/// Prints every series with `print_bars`, which shows its bars.
template <class PrintBars>
void print_blocks(const std::vector<Series>& series, const HistoryView& view, std::ostream& out, PrintBars&& print_bars) {
  bool is_first = true;
  for (const auto& one : series) {
    if (!is_first) out << '\n';
    is_first = false;
    print_title(one, view, out);
    const auto bars = shown_bars(one, view.question, view.now, view.zone);
    if (bars.empty()) {
      out << "nothing was metered in this time\n";
      continue;
    }
    print_bars(one, bars);
    print_legend(bars, out);
  }
}

}  // namespace

void print_history_table(const std::vector<Series>& series, const HistoryView& view, std::ostream& out) {
  print_blocks(series, view, out,
               [&](const Series& one, const std::vector<ShownBar>& bars) { table_of(one, bars, view).print(out); });
}

void print_history_plot(const std::vector<Series>& series, const HistoryView& view, const PlotStyle& style, std::ostream& out) {
  print_blocks(series, view, out, [&](const Series&, const std::vector<ShownBar>& bars) {
    const bool with_offset = changes_offset(bars, view.zone);
    std::vector<PlotRow> rows;
    rows.reserve(bars.size());
    for (const auto& bar : bars) {
      rows.push_back(
          {label_of(bar, view.question.resolution, view.zone, with_offset), bar.energy_import, bar.energy_export, marks_of(bar)});
    }
    PlotStyle own = style;
    own.unit = unit_of(view);
    for (const auto& line : draw_bars(rows, own)) out << line << '\n';
  });
}

void print_history_csv(const std::vector<Series>& series, const HistoryView& view, std::ostream& out) {
  out << "begin,end,series,import_wh,export_wh,qualities,is_complete\r\n";
  for (const auto& one : series) {
    for (const auto& bar : one.bars) {
      out << to_local_rfc3339(bar.begin, view.zone) << ',' << to_local_rfc3339(bar.end, view.zone) << ',' << csv_field(one.name)
          << ',' << to_exact_wh(bar.energy_import) << ',' << to_exact_wh(bar.energy_export) << ','
          << joined(names_of(bar.qualities), "+") << ',' << (bar.end > view.now ? "false" : "true") << "\r\n";
    }
  }
}

void print_history_json(const std::vector<Series>& series, const HistoryView& view, std::ostream& out) {
  Json answer{{"resolution", to_string(view.question.resolution)},
              {"zone", view.zone.name()},
              {"from", to_local_rfc3339(view.question.from, view.zone)},
              {"to", to_local_rfc3339(view.question.to, view.zone)},
              {"series", Json::array()}};
  for (const auto& one : series) {
    const Totals totals = totals_of(one.bars);
    Json entry{{"name", one.name},
               {"role", metering::to_string(one.role)},
               {"channels", one.channels},
               {"import_wh", wh_number(totals.energy_import)},
               {"export_wh", wh_number(totals.energy_export)},
               {"bars", Json::array()}};
    for (const auto& bar : one.bars) {
      entry["bars"].push_back(Json{{"begin", to_local_rfc3339(bar.begin, view.zone)},
                                   {"end", to_local_rfc3339(bar.end, view.zone)},
                                   {"import_wh", wh_number(bar.energy_import)},
                                   {"export_wh", wh_number(bar.energy_export)},
                                   {"qualities", names_of(bar.qualities)},
                                   {"is_complete", bar.end <= view.now}});
    }
    answer["series"].push_back(std::move(entry));
  }
  out << to_text(answer) << '\n';
}

}  // namespace rbamp::ctl
