#include "ctl/reset_guard.hpp"

#include <ostream>

#include "ctl/energy_text.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {

void add_lose_option(Arguments command, bool& may_lose) {
  command.add_flag("--lose-period", may_lose,
                   "Reset the module even when what it measured since its last period cannot be booked: a gap in the ledger");
}

commissioning::BeforeReset ResetGuard::callback() {
  return [this](const commissioning::ModuleLink& module) -> Result<void> {
    auto closed = close(module);
    if (closed || !may_lose_) {
      if (!closed)
        closed.error().detail += ". Nothing was reset; --lose-period does it all the same, and leaves a gap in the ledger";
      return closed;
    }
    context_.err() << "rbampctl: what the module measured since its last period is lost: " << closed.error().detail << '\n';
    return {};
  };
}

Result<void> ResetGuard::close(const commissioning::ModuleLink& module) {
  if (auto* daemon = access_.daemon()) {
    auto latched = daemon->latch_now();
    if (latched) context_.err() << "  rbampd closed and booked the running period\n";
    return latched;
  }
  const auto claim = find_claim(context_, module.identity().uid);
  if (!claim) return failure(claim.error());
  if (!*claim) return {};
  auto booked = close_period(context_, access_, module, **claim);
  if (!booked) return failure(std::move(booked.error()));
  context_.err() << "  booked for " << booked->place << ": " << length_text(booked->length);
  for (const auto& channel : booked->channels)
    context_.err() << ", " << channel.channel << " " << rounded(channel.energy_import, EnergyUnit::wh) << " Wh import";
  context_.err() << '\n';
  booked_ = std::move(*booked);
  return {};
}

}  // namespace rbamp::ctl
