#include "daemon/control_desk.hpp"

#include <algorithm>

#include "daemon/status_report.hpp"

namespace rbamp::daemon {

void ControlDesk::restart_module(const std::string& module_id, dbus::Done<void> done) {
  if (!env_.fleet.restart_module(module_id)) {
    done(failure(Errc::request_invalid, Remedy::give_up,
                 "rbampd does not meter a module \"" + module_id + "\" now: rbampctl status shows which it meters"));
    return;
  }
  // What it averaged is booked before it restarts.
  env_.fleet.when_rounds_are_over(std::move(done));
}

void ControlDesk::book(const std::string& place, const metering::CorrectionRequest& request, dbus::Done<dbus::Booked> done) {
  auto& clock = env_.scheduler.clock();
  const metering::Instant now{BootId::of_host(), clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()};
  env_.bookkeeper.correct(place, request, now, [done = std::move(done)](Result<Bookkeeper::Correction> corrected) {
    if (!corrected) {
      done(failure(std::move(corrected.error())));
      return;
    }
    dbus::Booked booked{corrected->closing.span.end.utc, {}};
    for (const auto& posting : corrected->closing.postings) {
      const auto& channels = corrected->account.channels;
      const auto channel =
          std::find_if(channels.begin(), channels.end(), [&](const auto& c) { return c.key == posting.channel; });
      booked.channels.push_back({channel == channels.end() ? std::string{} : channel->id, posting.energy_import,
                                 posting.energy_export, posting.total_import, posting.total_export});
    }
    done(std::move(booked));
  });
}

void ControlDesk::adjust(const dbus::AdjustRequest& request, dbus::Done<dbus::Booked> done) {
  book(request.place, request.as_correction(), std::move(done));
}

void ControlDesk::meter_change(const dbus::MeterChangeRequest& request, dbus::Done<dbus::Booked> done) {
  if (request.new_chip) {
    done(failure(
        Errc::request_invalid, Remedy::give_up,
        "a running rbampd notices another chip by itself and goes on with it; where the configuration pins a uid, change it "
        "there and reload"));
    return;
  }
  std::vector<std::string> channels;
  for (const auto& [key, account] : env_.bookkeeper.accounts()) {
    if (account.place_id != request.place) continue;
    for (const auto& channel : account.channels) channels.push_back(channel.id);
  }
  auto correction = request.as_correction(channels);
  if (!correction) {
    done(failure(std::move(correction.error())));
    return;
  }
  book(request.place, *correction, std::move(done));
}

void ControlDesk::return_bus(std::uint64_t loan) {
  const auto bus = lender_.bus_of(loan);
  lender_.give_back(loan);
  if (bus) env_.settings.bus_is_back(*bus);
}

dbus::Status ControlDesk::status() const {
  return status_report(
      {env_.config, env_.fleet, env_.bookkeeper, env_.mqtt, env_.scheduler.clock(), env_.started, env_.problem(), health_});
}

void ControlDesk::refresh() {
  loop::submit(
      env_.executor, env_.scheduler, [&ledger = env_.ledger] { return ledger.health(); },
      [this, guard = alive_.guard()](const storage::Health& health) {
        if (!guard.expired()) health_ = health;
      });
}

}  // namespace rbamp::daemon
