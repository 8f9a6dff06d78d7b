#include "daemon/threshold_memory.hpp"

#include <charconv>
#include <cmath>
#include <sstream>

namespace rbamp::daemon {
namespace {

constexpr const char* off = "off";
constexpr double steps_per_ampere = 100.0;

std::string steps_text(double steps) { return std::to_string(std::llround(steps)); }

/// False: neither a number that a register can hold nor "off".
bool read_value(const std::string& text, std::optional<long>& value) {
  constexpr long greatest = 0xFFFE;
  if (text == off) return true;
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > greatest) return false;
  value = number;
  return true;
}

}  // namespace

ThresholdMemory ThresholdMemory::from_text(const std::string& text) {
  ThresholdMemory memory;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    std::string id;
    std::string current_text;
    std::string power_text;
    std::optional<long> current;
    std::optional<long> power;
    if (!(words >> id >> current_text >> power_text) || !read_value(current_text, current) || !read_value(power_text, power))
      continue;
    auto& place = memory.places_[id];
    if (current) place.current = Amperes{static_cast<double>(*current) / steps_per_ampere};
    if (power) place.power = Watts{static_cast<double>(*power)};
    memory.tidy(id);
  }
  return memory;
}

std::string ThresholdMemory::to_text() const {
  std::string text;
  for (const auto& [id, place] : places_) {
    text.append(id).append(" ");
    text.append(place.current ? steps_text(place.current->value() * steps_per_ampere) : off).append(" ");
    text.append(place.power ? steps_text(place.power->value()) : off).append("\n");
  }
  return text;
}

void ThresholdMemory::set(const std::string& module_id, const metering::CurrentThreshold& threshold) {
  places_[module_id].current = threshold.value;
  tidy(module_id);
}

void ThresholdMemory::set(const std::string& module_id, const metering::PowerThreshold& threshold) {
  places_[module_id].power = threshold.value;
  tidy(module_id);
}

void ThresholdMemory::follow(const metering::ModuleSettings& shown) {
  const auto place = places_.find(shown.module_id);
  if (place == places_.end()) return;
  if (place->second.current) place->second.current = shown.current_threshold;
  if (place->second.power) place->second.power = shown.power_threshold;
  tidy(shown.module_id);
}

commissioning::Thresholds ThresholdMemory::of(const std::string& module_id) const {
  commissioning::Thresholds wish;
  const auto place = places_.find(module_id);
  if (place == places_.end()) return wish;
  if (place->second.current) wish.current = place->second.current;
  if (place->second.power) wish.power = place->second.power;
  return wish;
}

void ThresholdMemory::tidy(const std::string& module_id) {
  const auto place = places_.find(module_id);
  if (place != places_.end() && !place->second.current && !place->second.power) places_.erase(place);
}

}  // namespace rbamp::daemon
