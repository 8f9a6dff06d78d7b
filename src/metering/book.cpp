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

bool is_bookable(const std::optional<WattHours>& energy) {
  return !energy || (std::isfinite(energy->value()) && energy->value() >= 0.0);
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
    WattHours energy_import{};
    WattHours energy_export{};
    bool export_is_estimated = false;
    if (const auto* measured = find_channel(period, channel.index); measured != nullptr) {
      if (is_bookable(measured->energy_import) && is_bookable(measured->energy_export)) {
        energy_import = measured->energy_import.value_or(WattHours{});
        energy_export = measured->energy_export.value_or(WattHours{});
        export_is_estimated = measured->export_is_estimated;
      } else {
        closing.quality = Quality::estimated;
        closing.reason = Reason::implausible;
      }
    }
    auto& registers = channel.registers;
    const auto in = round_energy(energy_import, registers.import_remainder);
    const auto out = round_energy(energy_export, registers.export_remainder);
    registers.energy_import += in.amount;
    registers.energy_export += out.amount;
    registers.import_remainder = in.remainder;
    registers.export_remainder = out.remainder;
    closing.postings.push_back({channel.key, in.amount, out.amount, registers.energy_import, registers.energy_export,
                                in.remainder, out.remainder, export_is_estimated});
  }
  account.covered_until = period.span.end;
  return closing;
}

}  // namespace rbamp::metering
