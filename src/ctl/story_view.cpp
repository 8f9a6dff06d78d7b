#include "ctl/story_view.hpp"

#include <algorithm>
#include <ostream>

#include "config/duration.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/quality_text.hpp"
#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

using metering::Quality;
using storage::LedgerLine;

/// Lines that follow each other and have nothing to say of their own.
struct Run {
  const LedgerLine* first = nullptr;
  const LedgerLine* last = nullptr;
  std::size_t count = 0;
  Microseconds length{};
  MicroWattHours energy_import;
  MicroWattHours energy_export;
};

bool belong_together(const LedgerLine& a, const LedgerLine& b) {
  const bool is_plain = a.note.empty() && b.note.empty() && a.quality != Quality::adjustment && !b.begins_in_other_boot;
  return is_plain && a.quality == b.quality && a.reason == b.reason && a.chip == b.chip && a.boot == b.boot &&
         a.end_is_trusted == b.end_is_trusted && a.end_may_be_corrected == b.end_may_be_corrected &&
         a.export_is_estimated == b.export_is_estimated && a.export_source == b.export_source;
}

std::vector<Run> runs_of(const std::vector<LedgerLine>& lines, bool every_line) {
  std::vector<Run> runs;
  for (const auto& line : lines) {
    if (every_line || runs.empty() || !belong_together(*runs.back().last, line)) runs.push_back({&line, &line, 0, {}, {}, {}});
    Run& run = runs.back();
    run.last = &line;
    ++run.count;
    run.length += line.length;
    run.energy_import += line.energy_import;
    run.energy_export += line.energy_export;
  }
  return runs;
}

std::string mean_power_text(MicroWattHours net, Microseconds length) {
  const double hours = std::chrono::duration_cast<Hours>(length).count();
  return rounded(MicroWattHours{static_cast<std::int64_t>(static_cast<double>(net.value()) / hours)},
                 EnergyUnit::wh);  // Wh per h
}

std::string energy_text(MicroWattHours energy_import, MicroWattHours energy_export) {
  std::string text = to_exact_wh(energy_import) + " Wh import";
  if (energy_export != MicroWattHours{}) text += ", " + to_exact_wh(energy_export) + " Wh export";
  return text;
}

class Printer {
 public:
  Printer(const EnergyStory& story, const StoryView& view, std::ostream& out) : story_(story), view_(view), out_(out) {}

  void print() {
    print_head();
    print_part_without_lines();
    const LedgerLine* before = nullptr;
    for (const auto& run : runs_of(story_.lines, view_.every_line)) {
      print_changes(before, *run.first);
      print_run(run);
      before = run.last;
    }
    if (story_.not_closed_since) {
      out_ << "\nsince " << local(*story_.not_closed_since)
           << "  not booked yet: the period is still open, or the module has not been reached since\n";
    }
    print_events();
  }

 private:
  [[nodiscard]] std::string local(UtcTime when) const { return to_local(when, view_.zone); }

  /// The day once, when both are of one day.
  [[nodiscard]] std::string span_text(UtcTime begin, UtcTime end) const {
    if (begin == end) return local(begin);
    const bool same_day = view_.zone.local_day(begin) == view_.zone.local_day(end);
    return local(begin) + " to " + (same_day ? to_local_time_of_day(end, view_.zone) : local(end));
  }

  void print_head() {
    const auto& asked = story_.asked;
    out_ << view_.channel.name() << " (" << metering::to_string(view_.channel.role) << "), "
         << (asked.begin == asked.end ? "at " : "") << span_text(asked.begin, asked.end) << ", " << view_.zone.name() << '\n';
    if (asked.begin < view_.channel.summary.since)
      out_ << "\nThis channel has been metered since " << local(view_.channel.summary.since) << "; nothing before it is known.\n";
    if (story_.lines.empty()) return;
    MicroWattHours energy_import;
    MicroWattHours energy_export;
    for (const auto& line : story_.lines) {
      energy_import += line.energy_import;
      energy_export += line.energy_export;
    }
    out_ << story_.lines.size() << (story_.lines.size() == 1 ? " line" : " lines")
         << " of the ledger: " << energy_text(energy_import, energy_export) << ".\n";
  }

  void print_part_without_lines() {
    if (!story_.without_lines) return;
    out_ << '\n' << span_text(story_.without_lines->begin, story_.without_lines->end) << '\n';
    if (!story_.rolled_up) {
      out_ << "  nothing is booked for this time\n";
      return;
    }
    const bool is_days = story_.rolled_up->bucket == storage::Bucket::day;
    out_ << "  rolled up: the single periods are no longer kept (storage.raw_retention is "
         << config::duration_to_string(view_.raw_retention) << "), only " << (is_days ? "local days" : "local quarter hours")
         << "; their energy is still in the registers\n";
    Table table{{{"begin", Table::Align::left},
                 {"import Wh", Table::Align::right},
                 {"export Wh", Table::Align::right},
                 {"qualities", Table::Align::left}}};
    for (const auto& bar : story_.rolled_up->bars) {
      std::string qualities;
      for (const auto& name : names_of(bar.qualities)) qualities += (qualities.empty() ? "" : ", ") + name;
      table.add({is_days ? local(bar.begin).substr(0, 10) : local(bar.begin).substr(0, 16), to_exact_wh(bar.energy_import),
                 to_exact_wh(bar.energy_export), qualities});
    }
    table.print(out_, 2);
  }

  /// What became different between two lines.
  void print_changes(const LedgerLine* before, const LedgerLine& line) {
    if (before != nullptr && before->chip != line.chip)
      out_ << "\n-- another chip meters here from now on: " << to_string(line.chip) << " after " << to_string(before->chip)
           << '\n';
    if (line.begins_in_other_boot) {
      out_ << "\n-- the host was rebooted within the next line\n";
    } else if (before != nullptr && before->boot != line.boot) {
      out_ << "\n-- the host was rebooted\n";
    }
    const bool was_trusted = before == nullptr || before->end_is_trusted;
    if (was_trusted && !line.end_is_trusted) {
      out_ << "\n-- the host's clock was not synchronised from here on: lengths and energies are right, "
           << (line.end_may_be_corrected ? "dates and times will be corrected when it is\n"
                                         : "dates and times are what the clock showed and cannot be corrected any more\n");
    } else if (!was_trusted && line.end_is_trusted) {
      out_ << "\n-- the host's clock was synchronised again\n";
    }
  }

  void print_run(const Run& run) {
    const LedgerLine& line = *run.first;
    out_ << '\n' << span_text(begin_of(line), run.last->end);
    if (run.count > 1)
      out_ << "  " << run.count << " periods, about " << length_text(run.length / static_cast<std::int64_t>(run.count))
           << " each";
    if (run.count == 1 && line.quality != Quality::adjustment) out_ << "  (" << length_text(line.length) << ")";
    out_ << "\n  " << energy_text(run.energy_import, run.energy_export);
    if (run.length > Microseconds::zero() && line.quality != Quality::gap)
      out_ << ", mean " << mean_power_text(run.energy_import - run.energy_export, run.length) << " W";
    out_ << "\n  " << explanation_of(line.quality, line.reason) << '\n';
    if (!line.note.empty())
      out_ << "  " << (line.quality == Quality::adjustment ? "reason given: " : "") << printable(line.note) << '\n';
    if (line.energy_export.value() > 0 && line.export_source == metering::ExportSource::module)
      out_ << "  its export is an average of the module's own\n";
    if (line.energy_export.value() > 0 && line.export_source == metering::ExportSource::live)
      out_ << "  its export was integrated from live power\n";
    if (line.export_is_estimated) out_ << "  its export is estimated: some live windows were missed\n";
    if (run.count > 1) {
      out_ << "  lines " << line.id << " to " << run.last->id;
    } else {
      out_ << "  line " << line.id;
    }
    out_ << ", chip " << to_string(line.chip) << ", registers after it: " << to_exact_kwh(run.last->total_import)
         << " kWh import, " << to_exact_kwh(run.last->total_export) << " kWh export\n";
  }

  void print_events() {
    if (story_.events.empty()) return;
    out_ << "\nEvents of " << view_.channel.summary.module << ":\n";
    for (const auto& event : story_.events)
      out_ << "  " << local(event.at) << "  " << printable(event.kind) << ": " << printable(event.text) << '\n';
  }

  const EnergyStory& story_;
  const StoryView& view_;
  std::ostream& out_;
};

}  // namespace

void print_story(const EnergyStory& story, const StoryView& view, std::ostream& out) { Printer{story, view, out}.print(); }

}  // namespace rbamp::ctl
