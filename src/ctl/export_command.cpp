#include "ctl/export_command.hpp"

#include <ostream>

#include "ctl/channel_choice.hpp"
#include "ctl/line_text.hpp"
#include "ctl/line_walk.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  std::string format = "csv";
  std::string module;
  std::string channel;
  std::string from;
  std::string to;
  std::int64_t after = 0;
  bool no_head = false;
};

Result<LineWalk::Bounds> bounds_of(const Options& options, UtcTime now, Context& context) {
  LineWalk::Bounds bounds;
  bounds.after = options.after;
  if (options.from.empty() && options.to.empty()) return bounds;
  const auto zone = context.zone();
  if (!zone) return failure(zone.error());
  if (!options.from.empty()) {
    const auto from = parse_time(options.from, now, *zone);
    if (!from) return failure(from.error());
    bounds.from = from->begin;
  }
  if (!options.to.empty()) {
    const auto to = parse_time(options.to, now, *zone);
    if (!to) return failure(to.error());
    bounds.to = to->end;
  }
  if (bounds.from && bounds.to && *bounds.to < *bounds.from)
    return failure(Errc::request_invalid, Remedy::give_up, "--to is earlier than --from; write the earlier time first");
  return bounds;
}

/// A misspelt name would otherwise be an empty export.
Result<void> check_names(const Options& options, storage::Reader& reader) {
  if (options.module.empty() && options.channel.empty()) return {};
  const auto all = reader.channels();
  if (!all) return failure(all.error());
  const auto chosen = choose_channels(*all, {}, {options.module, options.channel, {}});
  if (!chosen) return failure(chosen.error());
  return {};
}

bool is_wanted(const Options& options, const storage::LedgerLine& line) {
  if (!options.module.empty() && line.module != options.module) return false;
  return options.channel.empty() || line.channel == options.channel || line.module + "/" + line.channel == options.channel;
}

int export_lines(const Options& options, Context& context) {
  const bool as_json = options.format == "jsonl" || context.wants_json();
  const auto reader = context.open_ledger();
  if (!reader) return context.fail(reader.error());
  if (const auto known = check_names(options, **reader); !known) return context.fail(known.error());
  const auto bounds = bounds_of(options, context.clock().utc_now(), context);
  if (!bounds) return context.fail(bounds.error());

  auto& out = context.out();
  if (!as_json && !options.no_head) out << csv_head() << "\r\n";
  LineWalk walk{**reader, *bounds};
  while (true) {
    const auto lines = walk.next();
    if (!lines) return context.fail(lines.error());
    if (lines->empty()) break;
    for (const auto& line : *lines) {
      if (!is_wanted(options, line)) continue;
      if (as_json) {
        out << to_json_text(line) << '\n';
      } else {
        out << to_csv(line) << "\r\n";
      }
    }
    out.flush();
    if (!out) return exit_status::output;  // the caller says so; a cursor would promise what was not written
  }
  context.err() << "rbampctl: to go on behind this export: --after " << walk.cursor() << '\n';
  return exit_status::ok;
}

}  // namespace

void add_export_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"export", "Write the lines of the ledger as CSV or JSON Lines, in any amount",
                                "rbampctl export --from 2026-10 --to 2026-10 > october.csv\n"
                                "rbampctl export --format jsonl --after 1234567 >> ledger.jsonl"},
                               [options](Context& context) { return export_lines(*options, context); });
  command.add_option("--format", options->format, "csv or jsonl (default: csv; --json means jsonl)")
      .one_of({"csv", "jsonl"})
      .type_name("FORMAT");
  command.add_option("--module", options->module, "Only this module").type_name("MODULE");
  command.add_option("--channel", options->channel, "Only this channel, as CHANNEL or MODULE/CHANNEL").type_name("CHANNEL");
  command
      .add_option("--from", options->from, "Periods that ended later than the begin of: a date, a local time, RFC 3339, 7d, 12h")
      .type_name("TIME");
  command.add_option("--to", options->to, "Periods that ended until the end of (default: all)").type_name("TIME");
  command.add_option("--after", options->after, "Only lines behind this id: what the last export said at its end")
      .not_below_zero()
      .type_name("ID");
  command.add_flag("--no-head", options->no_head, "No line with the names of the columns");
}

}  // namespace rbamp::ctl
