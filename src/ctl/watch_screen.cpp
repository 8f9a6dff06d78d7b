#include "ctl/watch_screen.hpp"

#include <ostream>
#include <sstream>

#include "base/local_time.hpp"
#include "ctl/number_text.hpp"
#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

using Align = Table::Align;

void add_channel(Table& table, const LiveRow& row, std::size_t i, const ChannelTally& tally, bool has_unicode) {
  const auto& block = row.values.block;
  const auto& channel = block.channels.at(i);
  const bool is_first = i == 0;
  const bool has_power = has_voltage(row.variant);
  table.add({is_first ? row.id : "", std::to_string(i), is_first ? fixed(block.voltage, 1) : "",
             is_first ? fixed(row.values.frequency, 2) : "", fixed(channel.current, 3), fixed(channel.active_power, 1),
             fixed(row.values.reactive_power.at(i), 1), fixed(channel.power_factor, 3), fixed(tally.peak_current, 3),
             fixed(tally.peak_power, 1), has_power ? fixed(tally.energy_import.value(), 3) : "-",
             has_power ? fixed(tally.energy_export.value(), 3) : "-", sparkline(tally.history, has_unicode)});
}

void add_sum(Table& table, const LiveRow& row, WatchTally& tally) {
  Watts power;
  WattHours in;
  WattHours out;
  for (std::size_t i = 0; i < channel_count(row.variant); ++i) {
    power += row.values.block.channels.at(i).active_power.value_or(Watts{});
    in += tally.of(row.address, i).energy_import;
    out += tally.of(row.address, i).energy_export;
  }
  table.add({"", "all", "", "", "", fixed(power.value(), 1), "", "", "", "", fixed(in.value(), 3), fixed(out.value(), 3), ""});
}

}  // namespace

std::vector<std::string> draw_watch(const std::vector<WatchedModule>& modules, WatchTally& tally, const Terminal& terminal) {
  Table table{{{"module"},
               {"ch", Align::right},
               {"U/V", Align::right},
               {"f/Hz", Align::right},
               {"I/A", Align::right},
               {"P/W", Align::right},
               {"Q/var", Align::right},
               {"PF", Align::right},
               {"peak A", Align::right},
               {"peak W", Align::right},
               {"import Wh", Align::right},
               {"export Wh", Align::right},
               {"power"}}};
  for (const auto& module : modules) {
    if (!module.is_known) continue;
    const std::size_t channels = channel_count(module.row.variant);
    for (std::size_t i = 0; i < channels; ++i)
      add_channel(table, module.row, i, tally.of(module.row.address, i), terminal.has_unicode);
    if (channels > 1 && has_voltage(module.row.variant)) add_sum(table, module.row, tally);
  }
  std::ostringstream text;
  table.print(text);
  for (const auto& module : modules) {
    if (!module.problem.empty()) text << "! " << printable(module.problem) << '\n';
  }
  std::vector<std::string> lines;
  std::istringstream in{text.str()};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void print_watch_lines(const LiveRow& row, UtcTime at, std::ostream& out) {
  const auto& block = row.values.block;
  for (std::size_t i = 0; i < channel_count(row.variant); ++i) {
    const auto& channel = block.channels.at(i);
    out << to_rfc3339(at, true) << ' ' << row.id << ' ' << i << ' ' << fixed(block.voltage, 1) << " V "
        << fixed(row.values.frequency, 2) << " Hz " << fixed(channel.current, 3) << " A " << fixed(channel.active_power, 1)
        << " W " << fixed(row.values.reactive_power.at(i), 1) << " var " << fixed(channel.power_factor, 3) << '\n';
  }
}

}  // namespace rbamp::ctl
