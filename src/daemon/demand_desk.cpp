#include "daemon/demand_desk.hpp"

#include <cmath>
#include <sstream>

#include "log/message_ids.hpp"

namespace rbamp::daemon {
namespace {

constexpr std::string_view state_name = "demand.peaks";
constexpr std::int64_t most_rounds = 8000;  // two hours of periods of a second

std::int32_t month_of(const TimeZone& zone, UtcTime when) {
  const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{zone.local_day(when)}}};
  return (static_cast<int>(day.year()) - 1970) * 12 + static_cast<std::int32_t>(static_cast<unsigned>(day.month())) - 1;
}

}  // namespace

std::string to_text(const std::map<std::string, metering::DemandPeak>& peaks) {
  std::string text;
  for (const auto& [channel, peak] : peaks) {
    text += channel + " " + std::to_string(peak.month) + " " + std::to_string(std::llround(peak.power.value() * 1e6)) + " " +
            std::to_string(peak.at.time_since_epoch().count()) + "\n";
  }
  return text;
}

std::map<std::string, metering::DemandPeak> peaks_from_text(const std::string& text) {
  std::map<std::string, metering::DemandPeak> peaks;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string channel;
    std::int32_t month = 0;
    std::int64_t microwatts = 0;
    std::int64_t at = 0;
    if (words >> channel >> month >> microwatts >> at && microwatts >= 0)
      peaks[channel] = {month, Watts{static_cast<double>(microwatts) * 1e-6}, UtcTime{Microseconds{at}}};
  }
  return peaks;
}

DemandDesk::DemandDesk(Environment environment, const config::Demand& settings)
    : env_(std::move(environment)),
      settings_(settings),
      peaks_(peaks_from_text(env_.ledger.text(state_name).value_or(std::string{}))) {
  if (settings_.scope != config::DemandScope::none) read_running_windows();
}

/// A restart must not make the running window lower than what the meter at the door measures.
void DemandDesk::read_running_windows() {
  const UtcTime now = env_.scheduler.clock().utc_now();
  auto lines = env_.ledger.newest_lines(now - settings_.window * 2, now, most_rounds);
  if (!lines) {
    env_.log.warning("The running demand window begins anew, what was booked in it cannot be read: " + lines.error().detail, {},
                     log::message_id::ledger_upkeep);
    return;
  }
  for (auto& line : *lines) booked_before_[line.module + "/" + line.channel].push_back(std::move(line));
}

void DemandDesk::take_up(const std::string& channel, metering::Demand& demand) {
  const auto lines = booked_before_.extract(channel);
  if (lines.empty()) return;
  for (const auto& line : lines.mapped()) {
    metering::Period span;
    span.end.utc = line.end;
    span.end.utc_is_trusted = line.end_is_trusted;
    span.length = line.length;
    static_cast<void>(add(span, line.energy_import, demand));
  }
}

bool DemandDesk::add(const metering::Period& span, MicroWattHours import, metering::Demand& demand) const {
  demand.set_offset(env_.zone.offset_at(span.end.utc));
  return demand.add(span, import, [this](UtcTime when) { return month_of(env_.zone, when); });
}

void DemandDesk::describe(const metering::ModuleDescription& module) {
  if (!module.has_demand) {
    modules_.erase(module.id);
    return;
  }
  auto& known = modules_[module.id];
  for (const auto& channel : module.channels) {
    const auto [demand, is_new] = known.channels.try_emplace(channel.id, settings_.window);
    if (!is_new) continue;
    if (const auto peak = peaks_.find(module.id + "/" + channel.id); peak != peaks_.end()) demand->second.remember(peak->second);
    take_up(module.id + "/" + channel.id, demand->second);
  }
}

void DemandDesk::live(const metering::Reading& reading) {
  const auto known = modules_.find(reading.module_id);
  if (known == modules_.end()) return;
  for (const auto& channel : reading.channels) {
    const auto demand = known->second.channels.find(channel.id);
    if (demand != known->second.channels.end() && channel.active_power) demand->second.power(*channel.active_power);
  }
  if (reading.at >= known->second.next_show) show(reading.module_id, known->second);
}

void DemandDesk::committed(const metering::CommittedModule& module) {
  const auto known = modules_.find(module.module_id);
  if (known == modules_.end() || module.postings.empty()) return;
  bool is_new_peak = false;
  for (const auto& posting : module.postings) {
    const auto demand = known->second.channels.find(posting.channel_id);
    if (demand == known->second.channels.end()) continue;
    if (!add(posting.span, posting.energy_import, demand->second)) continue;
    const auto reading = demand->second.at(posting.span.end.utc);
    if (!reading || !reading->peak) continue;
    peaks_[module.module_id + "/" + posting.channel_id] = *reading->peak;
    is_new_peak = true;
  }
  if (is_new_peak) remember();
  show(module.module_id, known->second);
}

void DemandDesk::show(const std::string& module_id, Module& module) {
  module.next_show = env_.scheduler.clock().boot_now() + show_every;
  const auto now = env_.scheduler.clock().utc_now();
  for (const auto& [channel, demand] : module.channels) {
    if (const auto reading = demand.at(now)) env_.outputs.demand({module_id, channel, settings_.window, *reading});
  }
}

void DemandDesk::remember() {
  env_.executor.run([&ledger = env_.ledger, text = to_text(peaks_)] { ledger.set_text(state_name, text); });
}

}  // namespace rbamp::daemon
