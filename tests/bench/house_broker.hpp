// A broker for a house in virtual time, and the MQTT output that lives and dies with the house's process.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "metering/posting.hpp"
#include "mqtt/publisher.hpp"
#include "support/house.hpp"
#include "support/no_controls.hpp"
#include "unit/mqtt/fake_broker.hpp"

namespace rbamp::bench {

/// The daemon's own publisher on a broker in memory. Nothing is asked of the fleet through it.
class HouseBroker {
 public:
  explicit HouseBroker(support::House& house);

  /// Before House::start() and after House::kill(), at the same instants.
  void process_starts();
  void process_dies();

  void goes_away();
  void comes_back();

  /// What stands on the broker is, to the watt-hour, what the ledger holds, for every register.
  [[nodiscard]] bool shows(const std::map<std::string, metering::Registers>& ledger) const;
  /// No counter that reached the broker was lower than the one before it.
  [[nodiscard]] bool has_never_fallen() const;
  [[nodiscard]] std::size_t messages() const { return broker_.sent.size(); }

 private:
  support::House& house_;
  support::MemorySink sink_;
  log::Logger logger_{sink_, log::Level::error};
  support::NoFleet fleet_;
  support::NoSettings settings_;
  mqtt::MemoryStateStore store_;
  mqtt::FakeBroker broker_;
  mqtt::PublisherOptions options_;
  std::optional<mqtt::Publisher> publisher_;
};

}  // namespace rbamp::bench
