// Keeps the journal readable for years: a plug that makes contact once a minute, or a mains voltage at its limit, is told some times
// a day and not each time. Whatever is told less often than that passes untouched. Holds back lines, never events or energy.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "log/logger.hpp"

namespace rbamp::log {

/// Records that tell of one thing at one place (the same id, module, channel, bus) have a budget; what goes beyond it is lowered to
/// level debug. What repeats shares one more budget, so that many places that fail together stay below 100 lines a day as well: in
/// any day at most one line of each thing and place, and total_at_once plus total_per_day. Safe from any thread.
class FloodGate {
 public:
  static constexpr int at_once = 5;  ///< of one thing at one place
  static constexpr int per_day = 6;
  static constexpr int total_at_once = 30;  ///< of all that repeats
  static constexpr int total_per_day = 30;
  static constexpr std::chrono::hours quiet{20};  ///< what did not happen for so long is news again

  /// Lowers a record that is held back to level debug. The last one before that says so, the next that passes says how many there were.
  void pass(Record& record, BootTime now);

 private:
  /// Lines are paid with time: it refills evenly, up to what it may give at once.
  class Budget {
   public:
    Budget(int most, int each_day) : price_(Microseconds{std::chrono::hours{24}} / each_day), limit_(price_ * most) {}
    void refill(BootTime now);
    [[nodiscard]] bool is_empty() const { return left_ < price_; }
    void take() { left_ -= price_; }

   private:
    Microseconds price_;
    Microseconds limit_;
    Microseconds left_ = limit_;
    BootTime refilled_{};
  };
  struct Thing {
    Budget budget{at_once, per_day};
    BootTime last_seen{};  ///< told or held back; zero: never
    std::uint64_t held_back = 0;
    bool is_end_told = false;
  };

  std::mutex mutex_;
  std::map<std::string, Thing> things_;
  Budget total_{total_at_once, total_per_day};
};

}  // namespace rbamp::log
