#include "simulator/load.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string_view>

namespace rbamp::simulator {
namespace {

tl::unexpected<Error> invalid(const std::string& words) { return failure(Errc::config_invalid, Remedy::give_up, words); }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool parse_number(std::string_view text, double& value) {
  text = trimmed(text);
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && std::isfinite(value);
}

Result<std::vector<StepShape::Step>> read_steps(const std::string& path) {
  std::ifstream file{path};
  if (!file) return invalid("the load file " + path + " cannot be read");
  std::vector<StepShape::Step> steps;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const auto text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const auto where = path + ":" + std::to_string(number) + ": ";
    const auto comma = text.find(',');
    double seconds = 0.0;
    double watts = 0.0;
    if (comma == std::string_view::npos || !parse_number(text.substr(0, comma), seconds) ||
        !parse_number(text.substr(comma + 1), watts)) {
      return invalid(where + "expected \"seconds,watts\"");
    }
    if (std::abs(seconds) > 1e9) return invalid(where + "the time is too large");
    const SimTime at{std::llround(seconds * 1e9)};
    if (!steps.empty() && at <= steps.back().at) return invalid(where + "times must rise from line to line");
    steps.push_back({at, watts});
  }
  if (steps.empty()) return invalid(path + ": there is no line \"seconds,watts\"");
  return steps;
}

double tan_phi(double power_factor) {
  const double cosine = std::abs(power_factor);
  return std::copysign(std::sqrt(1.0 - cosine * cosine) / cosine, power_factor);
}

}  // namespace

Result<Load> Load::from(const std::vector<LoadSettings>& settings, Sun sun) {
  Load load;
  for (const auto& part : settings) {
    for (const double value : {part.power_w, part.low_w, part.amplitude_w, part.offset_w, part.duty, part.power_factor}) {
      if (!std::isfinite(value)) return invalid("a load has a value that is no number");
    }
    if (part.power_factor == 0.0 || std::abs(part.power_factor) > 1.0) return invalid("a load's power factor must be in (0, 1]");
    const double tangent = tan_phi(part.power_factor);
    const SimTime period = part.period;
    const bool is_periodic = part.shape == LoadSettings::Shape::square || part.shape == LoadSettings::Shape::sine;
    if (is_periodic && period <= SimTime{0}) return invalid("a load's period must be positive");
    switch (part.shape) {
      case LoadSettings::Shape::constant: load.parts_.emplace_back(ConstantShape{part.power_w}, tangent); break;
      case LoadSettings::Shape::square:
        if (part.duty < 0.0 || part.duty > 1.0) return invalid("a square load's duty must be between 0 and 1");
        load.parts_.emplace_back(SquareShape{part.power_w, part.low_w, period, part.duty}, tangent);
        break;
      case LoadSettings::Shape::sine: load.parts_.emplace_back(SineShape{part.power_w, part.amplitude_w, period}, tangent); break;
      case LoadSettings::Shape::solar_day:
        if (!(sun.speed > 0.0)) return invalid("the time scale must be positive");
        load.parts_.emplace_back(SolarDayShape{part.power_w, sun}, tangent);
        break;
      case LoadSettings::Shape::file: {
        const auto steps = read_steps(part.file);
        if (!steps) return failure(steps.error());
        load.parts_.emplace_back(StepShape{*steps}, tangent);
        break;
      }
    }
    if (part.offset_w != 0.0) load.parts_.emplace_back(ConstantShape{part.offset_w}, tangent);
  }
  return load;
}

double Load::energy_with_mains(SimTime from, SimTime to) const {
  double sum = 0.0;
  for (const auto& part : parts_) sum += std::visit([&](const auto& shape) { return shape.energy(from, to); }, part.shape);
  return sum;
}

double Load::energy(SimTime from, SimTime to) const {
  double sum = energy_with_mains(from, to);
  for (const auto& outage : outages_) {
    const SimTime begin = std::max(from, outage.from);
    const SimTime end = std::min(to, outage.to);
    if (begin < end) sum -= energy_with_mains(begin, end);
  }
  return sum;
}

PowerBounds Load::bounds(SimTime from, SimTime to) const {
  PowerBounds sum;
  for (const auto& part : parts_) {
    const auto bounds = std::visit([&](const auto& shape) { return shape.bounds(from, to); }, part.shape);
    sum.low += bounds.low;
    sum.high += bounds.high;
  }
  for (const auto& outage : outages_) {
    if (outage.from <= from && to <= outage.to) return {0.0, 0.0};
    if (outage.from < to && from < outage.to) {
      sum.low = std::min(sum.low, 0.0);
      sum.high = std::max(sum.high, 0.0);
    }
  }
  return sum;
}

SimTime Load::next_jump(SimTime from) const {
  SimTime next = never;
  for (const auto& part : parts_)
    next = std::min(next, std::visit([&](const auto& shape) { return shape.next_jump(from); }, part.shape));
  for (const auto& outage : outages_) {
    if (outage.from > from) next = std::min(next, outage.from);
    if (outage.to > from) next = std::min(next, outage.to);
  }
  return next;
}

PowerFlow Load::flow(SimTime from, SimTime to) const {
  SimTime without{0};
  for (const auto& outage : outages_) without += std::max(SimTime{0}, std::min(to, outage.to) - std::max(from, outage.from));
  const double length = in_seconds(to - from);
  PowerFlow sum;
  for (const auto& part : parts_) {
    const double watts = std::visit([&](const auto& shape) { return shape.energy(from, to); }, part.shape) / length;
    sum.active_w += watts;
    sum.reactive_var += std::abs(watts) * part.tan_phi;
  }
  if (without > SimTime{0}) {
    // A window at the edge of an outage: active power stays exact, the reactive part is shared out by time.
    sum.active_w = energy(from, to) / length;
    sum.reactive_var *= 1.0 - in_seconds(without) / length;
  }
  return sum;
}

void Load::split_smooth(SimTime from, SimTime to, SplitEnergy& sum) const {
  constexpr double negligible_j = 1e-9;
  const auto [low, high] = bounds(from, to);
  const bool is_one_sided = low >= 0.0 || high <= 0.0;
  if (is_one_sided || std::min(-low, high) * in_seconds(to - from) <= negligible_j || to - from <= SimTime{1}) {
    const double joules = energy(from, to);
    (joules >= 0.0 ? sum.import_j : sum.export_j) += std::abs(joules);
    return;
  }
  const SimTime middle = from + (to - from) / 2;
  split_smooth(from, middle, sum);
  split_smooth(middle, to, sum);
}

SplitEnergy Load::split_energy(SimTime from, SimTime to) const {
  SplitEnergy sum;
  if (from >= to) return sum;
  const auto [low, high] = bounds(from, to);
  if (low >= 0.0 || high <= 0.0) {
    split_smooth(from, to, sum);
    return sum;
  }
  while (from < to) {
    const SimTime until = std::min(to, next_jump(from));
    split_smooth(from, until, sum);
    from = until;
  }
  return sum;
}

}  // namespace rbamp::simulator
