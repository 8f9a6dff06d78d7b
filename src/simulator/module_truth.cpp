// What became of the energy of one channel.
#include "simulator/module.hpp"

namespace rbamp::simulator {

ChannelTruth Module::truth(std::size_t channel) {
  if (physical_until_.at(channel) < state_.now) {
    const auto more = physical(channel, physical_until_.at(channel), state_.now);
    physical_.at(channel).import_j += more.import_j;
    physical_.at(channel).export_j += more.export_j;
    physical_until_.at(channel) = state_.now;
  }
  const auto wh = [](double joules) { return WattHours{joules / 3600.0}; };
  const auto& ledger = state_.ledger.at(channel);
  ChannelTruth truth;
  truth.physical_import = wh(physical_.at(channel).import_j);
  truth.physical_export = wh(physical_.at(channel).export_j);
  truth.windowed_import = wh(ledger.windowed_import);
  truth.windowed_export = wh(ledger.windowed_export);
  truth.delivered = wh(ledger.delivered);
  truth.never_read = wh(ledger.never_read);
  truth.lost_in_reset = wh(ledger.lost_in_reset);
  truth.pending = wh(state_.live.at(channel).import_j);
  double waiting = state_.shown.unread.at(channel) != 0 ? state_.shown.import_j.at(channel) : 0.0;
  if (state_.coming_at != never && !state_.coming_empty) waiting += state_.coming.import_j.at(channel);
  truth.waiting = wh(waiting);
  return truth;
}

}  // namespace rbamp::simulator
