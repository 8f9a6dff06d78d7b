#include "ctl/status_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"
#include "ctl/own_daemon.hpp"
#include "ctl/status_view.hpp"
#include "dbus/client.hpp"

namespace rbamp::ctl {
namespace {

constexpr std::size_t shown_events = 5;
constexpr std::size_t looked_at = 500;

bool is_fault(const storage::StoredEvent& event) { return event.kind != "turn_on" && event.kind != "turn_off"; }

/// What only the ledger knows. Reading it needs its permissions, which whoever may ask for the status need not have.
void add_from_ledger(StatusPicture& picture, const TimeZone& zone) {
  const auto reader = storage::Reader::open(picture.status.ledger.path, zone);
  if (!reader) {
    picture.today_problem = reader.error().detail;
    return;
  }
  const auto channels = (*reader)->channels();
  if (!channels) {
    picture.today_problem = channels.error().detail;
    return;
  }
  const auto begin = zone.day_begin(picture.now);
  for (const auto& channel : *channels) {
    const auto bars = (*reader)->history(channel.key, storage::Bucket::day, begin, zone.next_day_begin(picture.now));
    if (!bars) continue;
    auto& day = picture.today[channel.module + "/" + channel.channel];
    for (const auto& bar : *bars) {
      day.energy_import += bar.energy_import;
      day.energy_export += bar.energy_export;
    }
  }
  auto events = (*reader)->events(0, looked_at);
  if (!events) return;
  std::erase_if(*events, [](const auto& event) { return !is_fault(event); });
  if (events->size() > shown_events) events->erase(events->begin(), events->end() - static_cast<std::ptrdiff_t>(shown_events));
  picture.faults = std::move(*events);
}

/// In which days are counted: that of the configuration, as the ledger's days are. Whoever may ask for the status need not be allowed to
/// read it.
TimeZone zone_of_days(Context& context) {
  if (const auto configured = context.zone()) return *configured;
  const auto system = TimeZone::find("system");
  return system ? *system : TimeZone::utc();
}

/// That nobody meters is an answer, and the worst; that it cannot be found out is none.
int not_running(Context& context, const Error& error) {
  if (!error.is(Errc::daemon_missing)) return context.fail(error);
  if (context.wants_json()) {
    const nlohmann::ordered_json answer{{"health", "failed"}, {"problem", error.detail}};
    context.out() << to_text(answer) << '\n';
  } else {
    context.out() << "failed: " << error.detail << '\n';
  }
  return exit_status::failed;
}

int status(Context& context) {
  auto client = dbus::Client::connect();
  if (!client) return not_running(context, client.error());
  // That another one answers says nothing of the one that was meant.
  if (const auto same = require_instance(context, *client, Instance::any); !same) return context.fail(same.error());
  auto answer = client->status();
  if (!answer) return not_running(context, answer.error());
  StatusPicture picture;
  picture.status = std::move(*answer);
  picture.now = context.clock().utc_now();
  const auto shown_zone = zone_of_days(context);
  add_from_ledger(picture, shown_zone);
  if (context.wants_json()) {
    print_status_json(picture, context.out());
  } else {
    print_status(picture, shown_zone, context.out());
  }
  switch (picture.status.health) {
    case dbus::Health::healthy: return exit_status::ok;
    case dbus::Health::degraded: return exit_status::not_well;
    case dbus::Health::failed: return exit_status::failed;
  }
  return exit_status::failed;
}

}  // namespace

void add_status_command(CommandLine& line) {
  line.add(
      {"status",
       "Is all well? Modules, energy of today, bus, ledger, broker on one screen (exit status 0 healthy, 1 degraded, 2 failed)",
       "rbampctl status\nrbampctl status --json"},
      status);
}

}  // namespace rbamp::ctl
