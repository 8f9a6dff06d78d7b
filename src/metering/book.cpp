#include "metering/book.hpp"

#include <algorithm>
#include <cmath>

namespace rbamp::metering {
namespace {

constexpr double micro = 1e6;

const ChannelEnergy* find_channel(const ClosedPeriod& period, ChannelIndex index) {
  const auto it =
      std::find_if(period.channels.begin(), period.channels.end(), [&](const ChannelEnergy& c) { return c.index == index; });
  return it == period.channels.end() ? nullptr : &*it;
}

/// Absent: not measured. A direction that no hardware can deliver is nothing, and does not take the other one with it.
std::optional<WattHours> bookable(const std::optional<WattHours>& energy, Closing& closing) {
  if (!energy || (std::isfinite(energy->value()) && energy->value() >= 0.0)) return energy;
  closing.quality = Quality::estimated;
  closing.reason = Reason::implausible;
  return std::nullopt;
}

/// Import is what a line's quality speaks of.
void mark_missed_import(Closing& closing) {
  if (closing.quality != Quality::measured && closing.quality != Quality::recovered) return;
  closing.quality = Quality::estimated;
  closing.reason = Reason::live_hole;
  if (closing.note.empty()) closing.note = missed_import_note;
}

}  // namespace

WattHours energy_of(Watts mean, Microseconds length) { return mean * std::chrono::duration_cast<Hours>(length); }

Rounded round_energy(WattHours energy, double remainder) {
  const double exact = energy.value() * micro + remainder;
  const double whole = std::floor(exact);
  return {MicroWattHours{static_cast<std::int64_t>(whole)}, exact - whole};
}

Closing book(Account& account, const ClosedPeriod& period) {
  Closing closing{account.place, account.module, period.span, period.quality, period.reason, period.note, {}};
  for (auto& channel : account.channels) {
    auto& registers = channel.registers;
    Rounded in{MicroWattHours{}, registers.import_remainder};
    Rounded out{MicroWattHours{}, registers.export_remainder};
    bool export_is_estimated = false;
    ExportSource export_source = ExportSource::none;
    // What was not measured moves nothing. Not even a remainder that makes a whole: after a crash 0.99999 is read back as 1.
    if (const auto* measured = find_channel(period, channel.index); measured != nullptr) {
      if (const auto energy = bookable(measured->energy_import, closing)) in = round_energy(*energy, registers.import_remainder);
      if (const auto energy = bookable(measured->energy_export, closing)) out = round_energy(*energy, registers.export_remainder);
      export_is_estimated = measured->export_is_estimated;
      export_source = measured->export_source;
      if (measured->import_is_estimated) mark_missed_import(closing);
    }
    registers.energy_import += in.amount;
    registers.energy_export += out.amount;
    registers.import_remainder = in.remainder;
    registers.export_remainder = out.remainder;
    closing.postings.push_back({channel.key, in.amount, out.amount, registers.energy_import, registers.energy_export,
                                in.remainder, out.remainder, export_is_estimated, export_source});
  }
  account.covered_until = period.span.end;
  return closing;
}

}  // namespace rbamp::metering
