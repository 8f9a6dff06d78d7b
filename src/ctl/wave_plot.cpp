#include "ctl/wave_plot.hpp"

#include <algorithm>
#include <cmath>

namespace rbamp::ctl {
namespace {

constexpr std::size_t label_width = 5;
constexpr std::size_t narrowest = 16;
constexpr double smallest_span = 8.0;  // codes: quantisation noise must not fill the plot

std::string label_of(double code) {
  const std::string text = std::to_string(std::lround(code));
  return std::string(text.size() < label_width - 1 ? label_width - 1 - text.size() : 0, ' ') + text + " ";
}

}  // namespace

std::vector<std::string> draw_wave(const commissioning::Waveform& wave, std::size_t width, std::size_t height, bool has_unicode) {
  constexpr double centre = protocol::capture_centre;
  const std::size_t columns = std::clamp(width > label_width ? width - label_width : 0, narrowest, wave.codes.size());
  const double span = std::max({std::abs(wave.highest - centre), std::abs(wave.lowest - centre), smallest_span});
  const auto row_of = [&](double code) {
    const double share = (centre + span - code) / (2.0 * span);
    return static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(height - 1)));
  };
  std::vector<std::vector<bool>> is_set(height, std::vector<bool>(columns));
  for (std::size_t column = 0; column < columns; ++column) {
    // From the last sample of the column before, so that steep flanks have no holes.
    const std::size_t first = column * wave.codes.size() / columns;
    const std::size_t last = std::max(first + 1, (column + 1) * wave.codes.size() / columns);
    const auto* const begin = wave.codes.begin() + static_cast<std::ptrdiff_t>(first > 0 ? first - 1 : 0);
    const auto [low, high] = std::minmax_element(begin, wave.codes.begin() + static_cast<std::ptrdiff_t>(last));
    for (std::size_t row = row_of(*high); row <= row_of(*low); ++row) is_set[row][column] = true;
  }
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < height; ++row) {
    const bool is_middle = row == height / 2;
    std::string line = row == 0            ? label_of(centre + span)
                       : is_middle         ? label_of(centre)
                       : row + 1 == height ? label_of(centre - span)
                                           : std::string(label_width, ' ');
    for (std::size_t column = 0; column < columns; ++column) {
      const char* axis = has_unicode ? "·" : "-";
      const char* mark = has_unicode ? "█" : "#";
      line += is_set[row][column] ? mark : is_middle ? axis : " ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace rbamp::ctl
