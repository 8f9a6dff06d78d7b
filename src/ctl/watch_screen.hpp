// How `watch` looks: a screen that is drawn over itself, or plain lines.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "ctl/live_view.hpp"
#include "ctl/terminal.hpp"
#include "ctl/watch_tally.hpp"

namespace rbamp::ctl {

/// One module as it was last read.
struct WatchedModule {
  LiveRow row;
  bool is_known = false;  ///< it was read at least once
  std::string problem;    ///< empty, or why it cannot be read now
};

/// The whole screen as lines: values with peaks, energy since the begin, and a history of power; a sum for modules of several
/// channels; a line for each that cannot be read.
[[nodiscard]] std::vector<std::string> draw_watch(const std::vector<WatchedModule>& modules, WatchTally& tally,
                                                  const Terminal& terminal);

/// One line for each channel of one read: time, id, channel, and each quantity with its unit.
void print_watch_lines(const LiveRow& row, UtcTime at, std::ostream& out);

}  // namespace rbamp::ctl
