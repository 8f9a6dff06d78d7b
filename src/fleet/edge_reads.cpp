#include "fleet/edge_reads.hpp"

#include <utility>

namespace rbamp::fleet {

void EdgeReads::add(LineOwner line, const EdgePattern& pattern, LiveOrder order) {
  const std::scoped_lock lock{mutex_};
  waiting_.push_back({line, pattern, std::move(order)});
}

bool EdgeReads::take_back(const Module* module) {
  const std::scoped_lock lock{mutex_};
  return std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.order.module == module; }) > 0;
}

void EdgeReads::clear() {
  const std::scoped_lock lock{mutex_};
  waiting_.clear();
}

std::vector<LiveOrder> EdgeReads::take(LineOwner line, BootTime fell) {
  std::vector<LiveOrder> taken;
  const std::scoped_lock lock{mutex_};
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (it->line == line && it->pattern.fits(fell)) {
      taken.push_back(std::move(it->order));
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
  return taken;
}

}  // namespace rbamp::fleet
