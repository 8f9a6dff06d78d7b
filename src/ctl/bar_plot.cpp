#include "ctl/bar_plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

constexpr std::size_t shortest_area = 10;
constexpr std::array<const char*, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
constexpr const char* green = "\x1b[32m";
constexpr const char* plain = "\x1b[0m";

std::string repeated(const char* piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
  const std::size_t own = display_width(text);
  return own < width ? std::string(width - own, ' ') + text : text;
}

std::string padded_right(const std::string& text, std::size_t width) {
  const std::size_t own = display_width(text);
  return own < width ? text + std::string(width - own, ' ') : text;
}

/// Where the columns stand and how long a kilowatt-hour is.
struct Layout {
  std::size_t label = 3;  ///< at least the head, "kWh"
  std::size_t energy_import = 0;
  std::size_t energy_export = 0;  ///< 0: nothing was exported
  std::size_t marks = 0;
  std::size_t left = 0;   ///< columns for export bars
  std::size_t right = 0;  ///< columns for import bars
  double columns_per_uwh = 0.0;
};

std::string value_text(const std::optional<MicroWattHours>& energy, EnergyUnit unit) {
  return energy ? rounded(*energy, unit) : "-";
}

double size_of(const std::optional<MicroWattHours>& energy) {
  return energy ? std::abs(static_cast<double>(energy->value())) : 0.0;
}

Layout layout_of(const std::vector<PlotRow>& rows, const PlotStyle& style) {
  Layout layout;
  double most_import = 0.0;
  double most_export = 0.0;
  for (const auto& row : rows) {
    layout.label = std::max(layout.label, display_width(row.label));
    layout.energy_import = std::max(layout.energy_import, value_text(row.energy_import, style.unit).size());
    layout.energy_export = std::max(layout.energy_export, value_text(row.energy_export, style.unit).size());
    layout.marks = std::max(layout.marks, display_width(row.marks));
    most_import = std::max(most_import, size_of(row.energy_import));
    most_export = std::max(most_export, size_of(row.energy_export));
  }
  layout.energy_import = std::max<std::size_t>(layout.energy_import, std::string_view{"import"}.size());
  layout.energy_export = most_export > 0.0 ? std::max<std::size_t>(layout.energy_export, std::string_view{"export"}.size()) : 0;
  std::size_t used = layout.label + 2 + layout.energy_import + 2 + 1;  // the axis is one column
  if (layout.energy_export > 0) used += layout.energy_export + 2;
  if (layout.marks > 0) used += layout.marks + 1;
  const std::size_t area = std::max(style.width > used ? style.width - used : 0, shortest_area);
  const double sum = most_import + most_export;
  if (most_export > 0.0) {
    const double share = static_cast<double>(area) * most_export / sum;
    layout.left = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(share)), 1, area - 1);
  }
  layout.right = area - layout.left;
  const double per_right =
      most_import > 0.0 ? static_cast<double>(layout.right) / most_import : std::numeric_limits<double>::infinity();
  const double per_left =
      most_export > 0.0 ? static_cast<double>(layout.left) / most_export : std::numeric_limits<double>::infinity();
  const double scale = std::min(per_right, per_left);
  layout.columns_per_uwh = std::isfinite(scale) ? scale : 0.0;
  return layout;
}

/// A negative energy comes from a correction; its bar has its size, the number beside it its sign.
std::string import_bar(const PlotRow& row, const Layout& layout, const PlotStyle& style) {
  const double length = size_of(row.energy_import) * layout.columns_per_uwh;
  if (length <= 0.0) return {};
  if (!style.has_unicode)
    return repeated("#", std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1, layout.right));
  const auto parts = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(length * 8.0)), 1, layout.right * 8);
  return repeated("█", parts / 8) + eighths[parts % 8];
}

std::string export_bar(const PlotRow& row, const Layout& layout, const PlotStyle& style) {
  const double length = size_of(row.energy_export) * layout.columns_per_uwh;
  std::size_t columns = 0;
  if (length > 0.0) columns = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1, layout.left);
  std::string bar = repeated(style.has_unicode ? "▒" : "=", columns);
  if (style.has_colour && columns > 0) bar = green + bar + plain;
  return std::string(layout.left - columns, ' ') + bar;
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::vector<std::string> draw_bars(const std::vector<PlotRow>& rows, const PlotStyle& style) {
  std::vector<std::string> lines;
  if (rows.empty()) return lines;
  const Layout layout = layout_of(rows, style);
  const auto line_of = [&](const std::string& label, const std::string& in, const std::string& out, const std::string& marks) {
    std::string line = padded_right(label, layout.label) + "  " + padded_left(in, layout.energy_import) + "  ";
    if (layout.energy_export > 0) line += padded_left(out, layout.energy_export) + "  ";
    if (layout.marks > 0) line += padded_right(marks, layout.marks) + " ";
    return line;
  };
  lines.push_back(without_trailing_blanks(line_of(to_string(style.unit), "import", "export", "")));
  for (const auto& row : rows) {
    lines.push_back(
        line_of(row.label, value_text(row.energy_import, style.unit), value_text(row.energy_export, style.unit), row.marks) +
        export_bar(row, layout, style) + (style.has_unicode ? "│" : "|") + import_bar(row, layout, style));
  }
  return lines;
}

}  // namespace rbamp::ctl
