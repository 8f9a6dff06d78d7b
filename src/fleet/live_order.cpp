#include "fleet/live_order.hpp"

#include <utility>

namespace rbamp::fleet {

namespace {

/// Of all that was read so far, at the slowest speed that is supported (protocol 2). Only this thread counts.
Microseconds wire_time(const BusCounters& counters) {
  constexpr Microseconds bit{20};
  const auto bits = bus::read_bits(0) * counters.transactions.load(std::memory_order_relaxed) +
                    9 * counters.bytes.load(std::memory_order_relaxed);
  return bit * static_cast<std::int64_t>(bits);
}

}  // namespace

LiveAnswer carry_out(BusStation& bus, const LiveOrder& order, std::optional<BootTime> edge) {
  const auto before = wire_time(bus.counters());
  const BootTime begun = bus.clock().boot_now();
  auto read = read_live(bus, order.address, order.dialect, order.extra, order.effort);
  const bool is_new = read && order.last != read->bytes;
  return {order.module,
          order.show,
          order.plan,
          edge,
          std::move(read),
          begun,
          bus.clock().boot_now() - begun,
          wire_time(bus.counters()) - before,
          is_new};
}

}  // namespace rbamp::fleet
