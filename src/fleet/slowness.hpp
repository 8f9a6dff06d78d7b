// Whether one module takes much longer for its readings than the wire needs. Pure. Protocol 2, 3.3.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace rbamp::fleet {

/// A module does not stretch the clock by itself (protocol 2), but a faulty one, or a repeater on its cable, does, and a module that is half
/// dead ends in the adapter's timeout. Where all modules take long it is the adapter or the bus, and asking one less often would help nobody.
class Slowness {
 public:
  /// A read took `duration`, of which the wire needs `needed` at 50 kHz. `others_are_quick`: another module of the bus was read quickly
  /// since this one's read before.
  void note(Microseconds duration, Microseconds needed, bool others_are_quick) {
    limit_ = std::max(needed * much_longer, least_limit);
    took_ = std::max(duration, took_ / 2);  // one that is slow now and then stays expected to be
    is_quick_ = duration <= limit_;
    if (is_quick_) {
      score_ = std::max(score_ - 1, 0);
    } else if (is_slow_) {
      score_ = quick_reads_to_trust;
    } else if (others_are_quick) {
      score_ += weight;
    }
    if (!is_slow_ && score_ >= slow_reads_to_tell * weight) {
      is_slow_ = true;
      score_ = quick_reads_to_trust;
    }
    if (score_ == 0) is_slow_ = false;
  }

  /// Was found so, and has not been quick for long enough since.
  [[nodiscard]] bool is_slow() const { return is_slow_; }
  /// Its next read is likely to take long.
  [[nodiscard]] bool is_held_back() const { return is_slow_ && took_ > limit_; }
  /// The last read was quick.
  [[nodiscard]] bool is_quick() const { return is_quick_; }
  /// What its next read is expected to take.
  [[nodiscard]] Microseconds takes() const { return took_; }

 private:
  static constexpr std::int64_t much_longer = 3;
  // What a busy host may keep the bus's thread from its work.
  static constexpr Microseconds least_limit = std::chrono::milliseconds{30};
  // One slow read outweighs four quick ones: a module that times out every third time takes the bus from the others as well.
  static constexpr int weight = 4;
  static constexpr int slow_reads_to_tell = 5;
  static constexpr int quick_reads_to_trust = 50;  // 10 s at the full rate, so that the journal keeps few lines

  Microseconds took_{};
  Microseconds limit_ = least_limit;
  int score_ = 0;
  bool is_slow_ = false;
  bool is_quick_ = false;
};

}  // namespace rbamp::fleet
