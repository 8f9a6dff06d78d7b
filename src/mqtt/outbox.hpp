// What waits to be sent: per retained topic only the newest payload, so that a slow broker gets fewer and newer states, never a
// growing queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "mqtt/message.hpp"

namespace rbamp::mqtt {

/// Order within one batch. Home-assistant 13: whoever reads `online` finds everything else already there.
enum class Rank : std::uint8_t { config, early_status, state, energy, period, module_status, status };

/// Bounded: one entry per retained topic, at most `most_events` others. Pure; loop thread only.
class Outbox {
 public:
  /// A retained message replaces a waiting one of the same topic and keeps its place. Others queue up; when there are too many,
  /// the oldest is dropped and counted.
  void put(Rank rank, Message message);
  /// Later messages go after all that wait now, whatever their rank, so that nothing starves.
  void next_batch() { ++batch_; }

  [[nodiscard]] std::optional<std::pair<Rank, Message>> take();
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  void clear();

  static constexpr std::size_t most_events = 1024;

 private:
  using Key = std::tuple<std::uint64_t, Rank, std::uint64_t>;  // batch, rank, sequence

  std::uint64_t batch_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<Key, Message> waiting_;
  std::map<std::string, Key> retained_;  // topic to its place in waiting_
  std::deque<Key> events_;               // oldest first
};

}  // namespace rbamp::mqtt
