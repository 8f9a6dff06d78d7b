#include "mqtt/backoff.hpp"

#include <algorithm>

namespace rbamp::mqtt {

Microseconds Backoff::next() {
  const Microseconds base = base_;
  base_ = std::min(base_ * 2, longest);
  return random_time(random_, base * 3 / 4, base * 5 / 4);
}

Microseconds random_time(std::mt19937& random, Microseconds least, Microseconds most) {
  return Microseconds{std::uniform_int_distribution<std::int64_t>{least.count(), most.count()}(random)};
}

}  // namespace rbamp::mqtt
