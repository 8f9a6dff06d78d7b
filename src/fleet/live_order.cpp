#include "fleet/live_order.hpp"

#include <utility>

namespace rbamp::fleet {

LiveAnswer carry_out(BusStation& bus, const LiveOrder& order, std::optional<BootTime> edge) {
  const BootTime begun = bus.clock().boot_now();
  auto read = read_live(bus, order.address, order.dialect, order.extra, order.effort);
  const bool is_new = read && order.last != read->bytes;
  return {order.module, order.show, order.plan, edge, std::move(read), begun, bus.clock().boot_now() - begun, is_new};
}

}  // namespace rbamp::fleet
