#include "ctl/events_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"
#include "ctl/table.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using storage::StoredEvent;

constexpr std::size_t all_events = 20'000;  // as many as a ledger keeps
constexpr Microseconds pause_between_looks = std::chrono::seconds{1};

struct Options {
  unsigned count = 50;
  std::string module;
  std::string from;
  bool follow = false;
};

class EventList {
 public:
  EventList(const Options& options, Context& context, storage::Reader& reader, const TimeZone& zone)
      : options_(options), context_(context), reader_(reader), zone_(zone) {}

  Result<void> set_begin() {
    if (options_.from.empty()) return {};
    const auto from = parse_time(options_.from, context_.clock().utc_now(), zone_);
    if (!from) return failure(from.error());
    from_ = from->begin;
    return {};
  }

  /// The newest events that are wanted, oldest first. With --from all since then.
  Result<void> print_newest() {
    auto events = reader_.events(0, all_events);
    if (!events) return failure(events.error());
    if (!events->empty()) last_ = events->back().id;
    std::erase_if(*events, [this](const StoredEvent& event) { return !is_wanted(event); });
    if (!from_ && events->size() > options_.count)
      events->erase(events->begin(), events->end() - static_cast<std::ptrdiff_t>(options_.count));
    if (events->empty() && !context_.wants_json() && !options_.follow)
      context_.err() << "rbampctl: nothing to report: the ledger has no such event\n";
    for (const auto& event : *events) print(event);
    return {};
  }

  Result<void> print_later() {
    const auto events = reader_.events(last_, all_events);
    if (!events) return failure(events.error());
    for (const auto& event : *events) {
      last_ = event.id;
      if (is_wanted(event)) print(event);
    }
    context_.out().flush();
    return {};
  }

 private:
  [[nodiscard]] bool is_wanted(const StoredEvent& event) const {
    if (!options_.module.empty() && event.module != options_.module) return false;
    return !from_ || event.at >= *from_;
  }

  void print(const StoredEvent& event) {
    if (context_.wants_json()) {
      const Json object{{"id", event.id},         {"at", to_rfc3339(event.at, true)},
                        {"module", event.module}, {"channel", event.channel},
                        {"kind", event.kind},     {"text", event.text}};
      context_.out() << to_line(object) << '\n';
      return;
    }
    const std::string place = event.channel.empty() ? event.module : event.module + "/" + event.channel;
    context_.out() << to_local(event.at, zone_) << "  " << (place.empty() ? "-" : printable(place)) << "  "
                   << printable(event.kind) << "  " << printable(event.text) << '\n';
  }

  const Options& options_;
  Context& context_;
  storage::Reader& reader_;
  const TimeZone& zone_;
  std::optional<UtcTime> from_;
  std::int64_t last_ = 0;
};

int events(const Options& options, Context& context) {
  const auto zone = context.zone();
  if (!zone) return context.fail(zone.error());
  const auto reader = context.open_ledger();
  if (!reader) return context.fail(reader.error());
  EventList list{options, context, **reader, *zone};
  if (const auto begun = list.set_begin(); !begun) return context.fail(begun.error());
  if (const auto printed = list.print_newest(); !printed) return context.fail(printed.error());
  context.out().flush();
  // Until it is interrupted, or nobody listens any more.
  while (options.follow && context.out().good()) {
    context.clock().sleep_for(pause_between_looks);
    if (const auto printed = list.print_later(); !printed) return context.fail(printed.error());
  }
  return exit_status::ok;
}

}  // namespace

void add_events_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"events", "Show what happened: one line per event, oldest first (--json: one object per line)",
                                "rbampctl events --from yesterday\nrbampctl events --follow --module mains"},
                               [options](Context& context) { return events(*options, context); });
  command.add_option("-n,--lines", options->count, "The newest N (default: 50)").type_name("N");
  command.add_option("--module", options->module, "Only of this module").type_name("MODULE");
  command.add_option("--from", options->from, "All since the begin of: a date, a local time, RFC 3339, today, 7d, 12h")
      .type_name("TIME");
  command.add_flag("--follow", options->follow, "Go on with new ones as they come, until interrupted");
}

}  // namespace rbamp::ctl
