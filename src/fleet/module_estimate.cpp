// A module without a voltage input that is metered with the voltage of another one. It takes part in no latch. Design section 3.
#include <utility>

#include "fleet/module.hpp"

namespace rbamp::fleet {
namespace {

/// The moment `when` of the same host boot and clock as `known`.
metering::Instant moment(const metering::Instant& known, BootTime when) {
  metering::Instant result = known;
  result.utc -= known.at - when;
  result.at = when;
  return result;
}

}  // namespace

bool Module::is_estimated() const { return assignment_.voltage_from && is_identified_ && !has_voltage(dialect_.variant); }

void Module::begin_estimate(metering::Account account) {
  account_ = std::move(account);
  estimate_ = {};
}

void Module::integrate_estimate(const LiveRead& read, const VoltageBoard& voltages) {
  const auto& source = *assignment_.voltage_from;
  const auto voltage = voltages.find(source.module_id);
  if (!voltage) return;
  metering::EnergyEstimate::Currents currents;
  for (const auto& channel : assignment_.channels)
    currents[channel.index.value()] = read.block.channels[channel.index.value()].current;
  estimate_.add(read.at, currents, *voltage, source.power_factor);
}

void Module::close_estimate(const metering::Instant& now) {
  if (!account_) return;
  for (const auto& stretch : estimate_.take()) {
    const auto begin = moment(now, stretch.begin);
    const auto end = moment(now, stretch.end);
    if (const auto& covered = account_->covered_until; covered && !(covered->same_boot_as(begin) && covered->at == begin.at)) {
      draft_gap(begin, account_->previous_chip ? metering::Reason::meter_changed : metering::Reason::voltage_borrowed,
                "not watched: a module without a voltage input is metered only while it is read");
    }
    metering::ClosedPeriod period{
        {begin, end, stretch.end - stretch.begin}, metering::Quality::estimated, metering::Reason::voltage_borrowed, {}, {}};
    for (const auto& channel : assignment_.channels) {
      metering::ChannelEnergy energy{channel.index, stretch.energy[channel.index.value()], WattHours{}, false};
      // Import, unless the clamp is said to sit the other way round.
      if (channel.invert) std::swap(energy.energy_import, energy.energy_export);
      period.channels.push_back(energy);
    }
    draft_.closed.push_back(std::move(period));
    anchor_at({{}, end, {}}, seen_);
  }
}

}  // namespace rbamp::fleet
