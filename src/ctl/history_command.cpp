#include "ctl/history_command.hpp"

#include <algorithm>

#include "ctl/history_view.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  std::string resolution = "day";
  ChannelFilter filter;
  std::string from;
  std::string to;
  bool sum = false;
  bool csv = false;
  bool plot = false;
};

Result<HistoryQuestion> question_of(const Options& options, const Resolution& resolution, UtcTime now, UtcTime since,
                                    const TimeZone& zone) {
  HistoryQuestion question{resolution, usual_begin(resolution, now, since, zone), now};
  if (!options.to.empty()) {
    const auto to = parse_time(options.to, now, zone);
    if (!to) return failure(to.error());
    question.to = to->end;
    if (options.from.empty()) question.from = usual_begin(resolution, question.to - Microseconds{1}, since, zone);
  }
  if (!options.from.empty()) {
    const auto from = parse_time(options.from, now, zone);
    if (!from) return failure(from.error());
    question.from = from->begin;
  }
  if (question.to < question.from)
    return failure(Errc::request_invalid, Remedy::give_up, "--to is earlier than --from; write the earlier time first");
  return aligned(question, zone);
}

void print(const Options& options, const std::vector<Series>& series, const HistoryView& view, Context& context) {
  if (context.wants_json()) {
    print_history_json(series, view, context.out());
  } else if (options.csv) {
    print_history_csv(series, view, context.out());
  } else if (options.plot) {
    print_history_plot(series, view, PlotStyle::of(context.terminal()), context.out());
  } else {
    print_history_table(series, view, context.out());
  }
}

int history(const Options& options, Context& context) {
  const auto resolution = resolution_from(options.resolution);
  if (!resolution) return context.fail(resolution.error());
  if (context.wants_json() && (options.csv || options.plot)) return context.refuse("--json excludes --csv and --plot");
  const auto zone = context.zone();
  if (!zone) return context.fail(zone.error());
  const auto configuration = context.config();
  if (!configuration) return context.fail(configuration.error());
  const auto reader = context.open_ledger();
  if (!reader) return context.fail(reader.error());
  const auto all = (*reader)->channels();
  if (!all) return context.fail(all.error());
  const auto channels = choose_channels(*all, **configuration, options.filter);
  if (!channels) return context.fail(channels.error());

  const UtcTime now = context.clock().utc_now();
  const auto oldest = std::min_element(channels->begin(), channels->end(),
                                       [](const auto& a, const auto& b) { return a.summary.since < b.summary.since; });
  const auto question = question_of(options, *resolution, now, oldest->summary.since, *zone);
  if (!question) return context.fail(question.error());
  auto series = read_history(**reader, *channels, *question);
  if (!series) return context.fail(series.error());
  if (options.sum) {
    auto sum = sum_of(*series, *resolution);
    if (!sum) return context.fail(sum.error());
    series = std::vector<Series>{std::move(*sum)};
  }
  print(options, *series, {*question, now, *zone}, context);
  return exit_status::ok;
}

}  // namespace

void add_history_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"history", "Show how much energy was metered by period, quarter-hour, hour, day, month or year",
                                "rbampctl history day --from 2026-11 --module mains --plot\n"
                                "rbampctl history quarter-hour --from yesterday --to yesterday --csv\n"
                                "rbampctl history month --role load --sum"},
                               [options](Context& context) { return history(*options, context); });
  command.add_option("RESOLUTION", options->resolution, "period, quarter-hour, hour, day, month or year (default: day)")
      .type_name("");
  command.add_option("--module", options->filter.module, "Only this module").type_name("MODULE");
  command.add_option("--channel", options->filter.channel, "Only this channel, as CHANNEL or MODULE/CHANNEL")
      .type_name("CHANNEL");
  command.add_option("--role", options->filter.role, "Only modules with this role: grid, solar, battery, load, other")
      .type_name("ROLE");
  command.add_option("--from", options->from, "From the begin of: a date, a local time, RFC 3339, today, yesterday, 7d, 12h")
      .type_name("TIME");
  command.add_option("--to", options->to, "To the end of (default: now)").type_name("TIME");
  command.add_flag("--sum", options->sum, "Add the channels up; they must have the same role");
  const Argument csv = command.add_flag("--csv", options->csv, "Comma-separated values");
  command.add_flag("--plot", options->plot, "Draw bars; export is drawn to the left").excludes(csv);
}

}  // namespace rbamp::ctl
