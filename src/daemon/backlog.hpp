// What is booked and not on the disk yet: in order, and in bounded memory. Loop thread; nothing blocks.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "metering/accounting.hpp"
#include "metering/posting.hpp"

namespace rbamp::daemon {

class Backlog {
 public:
  /// One transaction, and who waits for it.
  struct Entry {
    metering::RoundCommit commit;
    std::vector<metering::Accounting::Done> durable;
    std::vector<metering::Accounting::Done> round_over;  ///< called as the others, but forgotten when rounds are joined
  };
  /// About a day of one-minute rounds. What is beyond is joined, not dropped.
  static constexpr std::size_t longest = 1500;

  void add(Entry entry);
  /// The oldest, which may be under way to the disk.
  [[nodiscard]] const Entry& front() const { return entries_.front(); }
  [[nodiscard]] Entry take_front();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Who is to be called for all that waits.
  [[nodiscard]] std::size_t callbacks() const;

  /// Latches are about to be sent: what waits is older than their intents, and must not take them back when it is stored.
  void keep_intents(const std::vector<metering::ArmedLatch>& latches);
  [[nodiscard]] bool has(metering::PlaceKey place) const;
  /// What the ledger lacks when the process ends now, as a sentence for the log; empty when it lacks nothing.
  [[nodiscard]] std::string loss() const;

 private:
  std::deque<Entry> entries_;
};

}  // namespace rbamp::daemon
