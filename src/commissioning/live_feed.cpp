#include "commissioning/live_feed.hpp"

#include <utility>

namespace rbamp::commissioning {

Result<LiveFeed> LiveFeed::open(fleet::BusStation& bus, I2cAddress address) {
  auto module = ModuleLink::open(bus, address);
  if (!module) return failure(module.error());
  return open(std::move(*module));
}

Result<LiveFeed> LiveFeed::open(ModuleLink module) {
  LiveFeed feed{std::move(module)};
  const auto bytes = feed.module_.read<protocol::frequency_size>(protocol::frequency_start);
  if (!bytes) return failure(bytes.error());
  feed.frequency_ = protocol::decode_frequency(*bytes).frequency;
  return feed;
}

Result<LiveValues> LiveFeed::read() {
  const bool takes_frequency = std::exchange(wants_frequency_, !wants_frequency_) || !has_voltage(module_.variant());
  const auto extra = takes_frequency ? fleet::Extra::frequency : fleet::Extra::reactive_power;
  const auto read = fleet::read_live(module_.bus(), module_.address(), module_.dialect(), extra, fleet::Effort::stubborn);
  if (!read) {
    auto error = read.error();
    error.detail = module_.name() + " cannot be read: " + error.detail;
    return failure(std::move(error));
  }
  if (read->reactive) reactive_power_ = read->reactive->power;
  if (read->frequency) frequency_ = read->frequency->frequency;
  return LiveValues{read->at, read->block, reactive_power_, frequency_};
}

}  // namespace rbamp::commissioning
