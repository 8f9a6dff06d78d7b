// The forms in which `rbampctl explain` tells its story.
#pragma once

#include <iosfwd>
#include <string>

#include "base/local_time.hpp"
#include "ctl/energy_story.hpp"

namespace rbamp::ctl {

struct StoryView {
  const ChosenChannel& channel;
  TimeZone zone;
  Microseconds raw_retention{};  ///< storage.raw_retention
  bool every_line = false;       ///< do not draw lines of one kind together
};

void print_story(const EnergyStory& story, const StoryView& view, std::ostream& out);
/// One object. Its form: docs/rbampctl.md.
void print_story_json(const EnergyStory& story, const StoryView& view, std::ostream& out);

}  // namespace rbamp::ctl
