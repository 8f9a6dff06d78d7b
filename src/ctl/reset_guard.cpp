#include "ctl/reset_guard.hpp"

#include <ostream>
#include <utility>

#include "ctl/daemon_latch.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

constexpr const char* all_the_same = "; --lose-period does it all the same, and leaves a gap in the ledger";

}  // namespace

void add_lose_option(Arguments command, bool& may_lose) {
  command.add_flag("--lose-period", may_lose,
                   "Reset the module even when what it measured since its last period cannot be booked: a gap in the ledger");
}

Result<void> ResetGuard::check(const commissioning::ModuleLink& module) {
  if (may_lose_) return {};
  auto bookable = is_bookable(module);
  if (!bookable) bookable.error().detail += std::string{". Nothing was written to the module"} + all_the_same;
  return bookable;
}

Result<void> ResetGuard::is_bookable(const commissioning::ModuleLink& module) {
  if (!has_voltage(module.variant())) return {};
  const auto claim = find_claim(context_, module.identity().uid);
  if (!claim) return failure(claim.error());
  return *claim && access_.daemon() == nullptr ? check_bookable(context_) : Result<void>{};
}

commissioning::BeforeReset ResetGuard::callback() {
  return [this](const commissioning::ModuleLink& module) -> Result<void> {
    auto closed = close(module);
    if (closed || !may_lose_) {
      if (!closed) closed.error().detail += std::string{". Nothing was reset"} + all_the_same;
      return closed;
    }
    context_.err() << "rbampctl: what the module measured since its last period is lost: " << closed.error().detail << '\n';
    return {};
  };
}

Result<void> ResetGuard::close(const commissioning::ModuleLink& module) {
  if (!has_voltage(module.variant())) return {};
  if (auto* daemon = access_.daemon()) return close_by_daemon(module, *daemon);
  const auto claim = find_claim(context_, module.identity().uid);
  if (!claim) return failure(claim.error());
  return *claim ? close_here(module, **claim) : Result<void>{};
}

Result<void> ResetGuard::close_by_daemon(const commissioning::ModuleLink& module, dbus::Client& daemon) {
  // Whoever may not read the ledger cannot see what is booked: better known before the period is closed.
  if (const auto readable = find_claim(context_, module.identity().uid); !readable) return failure(readable.error());
  const auto latch = DaemonLatch::send(context_, daemon);
  if (!latch) return failure(latch.error());
  // Asked behind the latch: the first period of a new module is what makes its place known.
  const auto claim = find_claim(context_, module.identity().uid);
  if (!claim) return failure(claim.error());
  if (!*claim) return {};
  const auto lines = latch->lines_of(context_, **claim);
  if (!lines) return failure(lines.error());
  if (lines->empty()) {
    return failure(Errc::not_ready, Remedy::wait,
                   "rbampd closed its periods, but booked nothing for \"" + (*claim)->place_id +
                       "\": it does not meter this module now, or the module missed the latch. rbampctl status shows when it is "
                       "metered; then try again");
  }
  context_.err() << "  rbampd closed and booked the running period\n";
  return {};
}

Result<void> ResetGuard::close_here(const commissioning::ModuleLink& module, const metering::AccountRequest& claim) {
  auto booked = close_period(context_, access_, module, claim);
  if (!booked) return failure(std::move(booked.error()));
  context_.err() << "  booked for " << booked->place << ": " << length_text(booked->length);
  for (const auto& channel : booked->channels)
    context_.err() << ", " << channel.channel << " " << rounded(channel.energy_import, EnergyUnit::wh) << " Wh import";
  context_.err() << '\n';
  booked_ = std::move(*booked);
  return {};
}

}  // namespace rbamp::ctl
