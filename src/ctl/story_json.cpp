// JSON of ledger lines: to_json_text of ctl/line_text.hpp and print_story_json of ctl/story_view.hpp, which give them alike.
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/local_time.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/json_text.hpp"
#include "ctl/line_text.hpp"
#include "ctl/quality_text.hpp"
#include "ctl/story_view.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

double seconds(Microseconds length) { return std::chrono::duration<double>(length).count(); }

Json line_object(const storage::LedgerLine& line) {
  return Json{{"id", line.id},
              {"begin", to_rfc3339(begin_of(line), true)},
              {"end", to_rfc3339(line.end, true)},
              {"module", line.module},
              {"channel", line.channel},
              {"chip", to_string(line.chip)},
              {"length_s", seconds(line.length)},
              {"quality", to_string(line.quality)},
              {"reason", to_string(line.reason)},
              {"import_wh", wh_number(line.energy_import)},
              {"export_wh", wh_number(line.energy_export)},
              {"total_import_wh", wh_number(line.total_import)},
              {"total_export_wh", wh_number(line.total_export)},
              {"export_is_estimated", line.export_is_estimated},
              {"export_source", to_string(line.export_source)},
              {"time_is_trusted", line.end_is_trusted},
              {"note", line.note}};
}

Json explained(const storage::LedgerLine& line) {
  Json object = line_object(line);
  object["explanation"] = explanation_of(line.quality, line.reason);
  object["time_may_be_corrected"] = line.end_may_be_corrected;
  object["boot"] = line.boot;
  object["begins_in_other_boot"] = line.begins_in_other_boot;
  return object;
}

Json rolled_up_object(const RolledUp& rolled_up) {
  Json object{{"resolution", rolled_up.bucket == storage::Bucket::day ? "day" : "quarter-hour"}, {"bars", Json::array()}};
  for (const auto& bar : rolled_up.bars) {
    object["bars"].push_back(Json{{"begin", to_rfc3339(bar.begin)},
                                  {"end", to_rfc3339(bar.end)},
                                  {"import_wh", wh_number(bar.energy_import)},
                                  {"export_wh", wh_number(bar.energy_export)},
                                  {"qualities", names_of(bar.qualities)}});
  }
  return object;
}

}  // namespace

std::string to_json_text(const storage::LedgerLine& line) { return to_line(line_object(line)); }

void print_story_json(const EnergyStory& story, const StoryView& view, std::ostream& out) {
  Json answer{{"module", view.channel.summary.module},
              {"channel", view.channel.summary.channel},
              {"role", metering::to_string(view.channel.role)},
              {"metered_since", to_rfc3339(view.channel.summary.since)},
              {"from", to_rfc3339(story.asked.begin, true)},
              {"to", to_rfc3339(story.asked.end, true)},
              {"without_lines", nullptr},
              {"rolled_up", nullptr},
              {"not_closed_since", nullptr},
              {"lines", Json::array()},
              {"events", Json::array()}};
  if (const auto& span = story.without_lines)
    answer["without_lines"] = Json{{"from", to_rfc3339(span->begin, true)}, {"to", to_rfc3339(span->end, true)}};
  if (story.rolled_up) answer["rolled_up"] = rolled_up_object(*story.rolled_up);
  if (story.not_closed_since) answer["not_closed_since"] = to_rfc3339(*story.not_closed_since, true);
  for (const auto& line : story.lines) answer["lines"].push_back(explained(line));
  for (const auto& event : story.events) {
    answer["events"].push_back(
        Json{{"id", event.id}, {"at", to_rfc3339(event.at, true)}, {"kind", event.kind}, {"text", event.text}});
  }
  out << to_text(answer) << '\n';
}

}  // namespace rbamp::ctl
