#include "ctl/explain_command.hpp"

#include "ctl/story_view.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  std::string module;
  std::string channel;
  std::string time;
  bool every_line = false;
};

int explain(const Options& options, Context& context) {
  const auto zone = context.zone();
  if (!zone) return context.fail(zone.error());
  const auto configuration = context.config();
  if (!configuration) return context.fail(configuration.error());
  const UtcTime now = context.clock().utc_now();
  const auto asked = parse_span(options.time, now, *zone);
  if (!asked) return context.fail(asked.error());
  if (asked->begin > now) return context.refuse("that time is still to come; nothing is booked for it yet");
  const auto reader = context.open_ledger();
  if (!reader) return context.fail(reader.error());
  const auto all = (*reader)->channels();
  if (!all) return context.fail(all.error());
  const auto channel = choose_channel(*all, **configuration, options.module, options.channel);
  if (!channel) return context.fail(channel.error());
  const auto story = tell_story(**reader, *channel, *asked, now);
  if (!story) return context.fail(story.error());
  const StoryView view{*channel, *zone, (*configuration)->storage.raw_retention, options.every_line};
  if (context.wants_json()) {
    print_story_json(*story, view, context.out());
  } else {
    print_story(*story, view, context.out());
  }
  return exit_status::ok;
}

}  // namespace

void add_explain_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"explain", "Tell how a stretch of one channel's energy came about, line by line of the ledger",
                                "rbampctl explain mains house \"2026-11-01 14:30\"\n"
                                "rbampctl explain mains house yesterday..today"},
                               [options](Context& context) { return explain(*options, context); });
  command.add_option("MODULE", options->module, "Which module").required().type_name("");
  command.add_option("CHANNEL", options->channel, "Which channel of it").required().type_name("");
  command.add_option("TIME", options->time, "A time, or FROM..TO: a date, a local time, RFC 3339, today, yesterday, 7d, 12h")
      .required()
      .type_name("");
  command.add_flag("--lines", options->every_line, "Every line by itself, also those that only repeat the one before");
}

}  // namespace rbamp::ctl
