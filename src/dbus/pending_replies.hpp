// Calls that were accepted and are not answered yet.
#pragma once

#include <memory>
#include <set>

#include "dbus/compat.hpp"

namespace rbamp::dbus {

/// sdbus-c++'s messages hold a plain pointer into their connection, so whatever is unanswered must go before it: it is kept here, and whoever
/// will answer holds a weak pointer. Loop thread.
class PendingReplies {
 public:
  /// Each costs memory until the daemon answers, and a loop in somebody's script could ask for ever.
  static constexpr std::size_t most = 64;

  [[nodiscard]] bool is_full() const { return kept_.size() >= most; }

  template <class... Values>
  [[nodiscard]] std::weak_ptr<sdbus::Result<Values...>> keep(sdbus::Result<Values...>&& reply) {
    auto kept = std::make_shared<sdbus::Result<Values...>>(std::move(reply));
    kept_.insert(kept);
    return kept;
  }
  void settle(const std::shared_ptr<void>& reply) { kept_.erase(reply); }

 private:
  std::set<std::shared_ptr<void>> kept_;
};

}  // namespace rbamp::dbus
