#include "ctl/daemon_latch.hpp"

#include <chrono>
#include <utility>

namespace rbamp::ctl {
namespace {

/// A round that began less than half a second ago is taken for what was asked for: rbampd latches no sooner after another.
constexpr Microseconds just_before = std::chrono::milliseconds{500};
constexpr std::size_t plenty = 1000;

}  // namespace

Result<DaemonLatch> DaemonLatch::send(Context& context, dbus::Client& daemon) {
  const UtcTime asked_at = context.clock().utc_now();
  if (auto latched = daemon.latch_now(); !latched) return failure(std::move(latched.error()));
  return DaemonLatch{asked_at};
}

Result<std::vector<storage::LedgerLine>> DaemonLatch::lines_of(Context& context, const metering::AccountRequest& claim) const {
  const auto reader = context.open_ledger();
  if (!reader) return failure(reader.error());
  auto lines = (*reader)->lines(asked_at_ - just_before, context.clock().utc_now() + std::chrono::minutes{1}, 0, plenty);
  if (!lines) return lines;
  std::vector<storage::LedgerLine> newest;
  for (auto& line : *lines) {
    if (line.module != claim.place_id || line.chip != claim.uid || line.quality == metering::Quality::adjustment) continue;
    std::erase_if(newest, [&](const auto& older) { return older.channel == line.channel; });
    newest.push_back(std::move(line));
  }
  return newest;
}

}  // namespace rbamp::ctl
