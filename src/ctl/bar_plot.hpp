// Bars of import and export in characters. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ctl/energy_text.hpp"
#include "ctl/terminal.hpp"
#include "units/units.hpp"

namespace rbamp::ctl {

struct PlotRow {
  std::string label;
  std::optional<MicroWattHours> energy_import;  ///< none: nobody knows
  std::optional<MicroWattHours> energy_export;
  std::string marks;
};

struct PlotStyle {
  std::size_t width = 80;   ///< of a line; what does not fit makes the bars shorter, down to ten columns
  bool has_unicode = true;  ///< else '#' and '='
  bool has_colour = false;
  EnergyUnit unit = EnergyUnit::kwh;

  [[nodiscard]] static PlotStyle of(const Terminal& terminal) {
    return {terminal.width, terminal.has_unicode, terminal.has_colour};
  }
};

/// One line per row, under a head: label, energy imported and (when anything was exported) exported, marks, and a bar on a common scale.
/// Import grows to the right of the axis in full blocks, down to an eighth of a column; export to the left in shaded blocks, so
/// that both differ without colour. What is not nothing is never drawn as nothing.
[[nodiscard]] std::vector<std::string> draw_bars(const std::vector<PlotRow>& rows, const PlotStyle& style);

}  // namespace rbamp::ctl
