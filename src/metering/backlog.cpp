#include "metering/backlog.hpp"

#include <algorithm>

namespace rbamp::metering {
namespace {

bool adjoin_alike(const Closing& a, const Closing& b) {
  return a.place == b.place && a.module == b.module && a.quality == b.quality && a.reason == b.reason &&
         a.quality != Quality::adjustment && a.span.end.boot == b.span.begin.boot && a.span.end.at == b.span.begin.at &&
         a.postings.size() == b.postings.size();
}

void extend(Closing& a, const Closing& b) {
  a.span.end = b.span.end;
  a.span.length += b.span.length;
  if (a.note.empty()) a.note = b.note;
  for (std::size_t i = 0; i < a.postings.size(); ++i) {
    auto sum = b.postings[i];  // totals and remainders are those after the later line
    sum.energy_import += a.postings[i].energy_import;
    sum.energy_export += a.postings[i].energy_export;
    sum.export_is_estimated = sum.export_is_estimated || a.postings[i].export_is_estimated;
    // Of two sources the one that can miss something.
    if (a.postings[i].export_source == ExportSource::live) sum.export_source = ExportSource::live;
    a.postings[i] = sum;
  }
}

void append(ModuleCommit& to, ModuleCommit from) {
  for (auto& closing : from.closings) {
    if (!to.closings.empty() && adjoin_alike(to.closings.back(), closing)) {
      extend(to.closings.back(), closing);
    } else {
      to.closings.push_back(std::move(closing));
    }
  }
  if (from.anchor) to.anchor = std::move(from.anchor);
  if (from.reset) to.reset = from.reset;
  if (from.keeps_intent) return;
  to.next_intent = from.next_intent;
  to.keeps_intent = false;
}

}  // namespace

RoundCommit join(RoundCommit earlier, RoundCommit later) {
  for (auto& module : later.modules) {
    const auto same = std::find_if(earlier.modules.begin(), earlier.modules.end(),
                                   [&](const ModuleCommit& m) { return m.module == module.module && m.place == module.place; });
    if (same == earlier.modules.end()) {
      earlier.modules.push_back(std::move(module));
    } else {
      append(*same, std::move(module));
    }
  }
  if (later.last_gc_tick != no_gc_tick) earlier.last_gc_tick = later.last_gc_tick;
  return earlier;
}

}  // namespace rbamp::metering
