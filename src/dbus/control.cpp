#include "dbus/control.hpp"

namespace rbamp::dbus {
namespace {

std::optional<metering::RegisterChange> change(metering::RegisterChange::Kind kind, std::optional<MicroWattHours> amount) {
  if (!amount) return std::nullopt;
  return metering::RegisterChange{kind, *amount};
}

std::optional<MicroWattHours> unless_zero(MicroWattHours amount) {
  return amount == MicroWattHours{} ? std::nullopt : std::optional{amount};
}

}  // namespace

metering::CorrectionRequest AdjustRequest::as_correction() const {
  using Kind = metering::RegisterChange::Kind;
  metering::CorrectionRequest correction;
  correction.reason = metering::Reason::correction;
  correction.note = reason;
  correction.channels.push_back(
      {channel, change(Kind::by, unless_zero(energy_import)), change(Kind::by, unless_zero(energy_export))});
  return correction;
}

Result<metering::CorrectionRequest> MeterChangeRequest::as_correction(std::span<const std::string> channels_of_place) const {
  using Kind = metering::RegisterChange::Kind;
  const bool has_values = energy_import || energy_export;
  if (channel.empty() && has_values && channels_of_place.size() != 1) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   "\"" + place + "\" has several channels; say which one has this reading");
  }
  metering::CorrectionRequest correction;
  correction.reason = new_chip ? metering::Reason::meter_changed : metering::Reason::meter_takeover;
  correction.note = reason;
  const auto add = [&](const std::string& id) {
    correction.channels.push_back({id, change(Kind::to, energy_import), change(Kind::to, energy_export)});
  };
  if (!channel.empty()) {
    add(channel);
  } else {
    for (const auto& id : channels_of_place) add(id);
  }
  return correction;
}

}  // namespace rbamp::dbus
