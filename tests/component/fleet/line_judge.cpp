#include "line_judge.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "metering/book.hpp"
#include "metering/restart.hpp"

namespace rbamp::support {
namespace {

using metering::Quality;
using metering::Reason;
using std::chrono::milliseconds;

constexpr double joules_per_wh = 3600.0;
// A window at each end (protocol 11.3), and 0.1 s at each end between the intent and the latch when only the intent is known.
constexpr double ends_s = 2 * (0.2 + 0.1);
// UPTIME_S counts whole seconds; the module needs 0.3 s to its first window (protocol 17).
constexpr double restart_s = 2.0;
constexpr Microseconds restart_time = milliseconds{2000};

double seconds_of(Microseconds time) { return static_cast<double>(time.count()) / 1e6; }

bool overlaps(const Cause& cause, const metering::Period& span) {
  return cause.from <= span.end.at + restart_time && cause.to + restart_time >= span.begin.at;
}

bool has_cause(const JudgedModule& module, Cause::Kind kind, const metering::Period& span) {
  return std::any_of(module.causes.begin(), module.causes.end(),
                     [&](const Cause& cause) { return cause.kind == kind && overlaps(cause, span); });
}

}  // namespace

void LineJudge::find(const WatchedLine& line, const std::string& what) {
  const auto& span = line.closing.span;
  findings_.push_back(line.place + ", " + std::to_string(seconds_of(span.begin.at.time_since_epoch())) + " s to " +
                      std::to_string(seconds_of(span.end.at.time_since_epoch())) + " s, " +
                      std::string{to_string(line.closing.quality)} + ", " + std::string{to_string(line.closing.reason)} + ": " +
                      what);
}

void LineJudge::judge(const WatchedLine& line) {
  const auto found = std::find_if(modules_.begin(), modules_.end(), [&](const JudgedModule& m) { return m.place == line.place; });
  if (found == modules_.end()) {
    find(line, "nobody meters there");
    return;
  }
  ++sums_.lines;
  const auto& closing = line.closing;
  const bool is_after_gap = std::exchange(found->is_after_gap, closing.quality == Quality::gap);
  switch (closing.quality) {
    case Quality::measured: judge_energy(*found, line, false); return;
    case Quality::recovered:
      ++sums_.recovered;
      // Two latches of which nothing could be stored look like one (docs/ledger.md): the time is right, the energy is a guess.
      judge_energy(*found, line, has_cause(*found, Cause::Kind::blind, closing.span));
      return;
    case Quality::estimated: {
      ++sums_.estimated;
      // A restart that could not be acknowledged hides the next one until it is.
      const metering::Period and_before{
          {closing.span.begin.boot, closing.span.begin.at - std::chrono::minutes{5}, {}, false}, closing.span.end, {}};
      const bool is_restart =
          closing.reason == Reason::module_reset &&
          (is_after_gap ||
           has_cause(*found, Cause::Kind::reset,
                     closing.note.find("could not be acknowledged") != std::string::npos ? and_before : closing.span));
      const bool is_guess =
          closing.reason == Reason::foreign_latch &&
          (has_cause(*found, Cause::Kind::stranger, closing.span) || has_cause(*found, Cause::Kind::blind, closing.span) ||
           // a second restart, hidden behind one that was not acknowledged yet
           has_cause(*found, Cause::Kind::reset, closing.span));
      if (!is_restart && !is_guess) find(line, "nothing happened that makes this an estimate: " + closing.note);
      // Of two restarts the second may hide behind the first while that is not acknowledged (docs/ledger.md).
      const auto restarts = std::count_if(found->causes.begin(), found->causes.end(), [&](const Cause& cause) {
        return cause.kind == Cause::Kind::reset && overlaps(cause, closing.span);
      });
      judge_energy(*found, line, is_guess || restarts > 1 || has_cause(*found, Cause::Kind::blind, closing.span));
      return;
    }
    case Quality::gap: judge_gap(*found, line, is_after_gap); return;
    case Quality::adjustment: find(line, "nobody asked for a correction"); return;
  }
}

void LineJudge::judge_gap(const JudgedModule& module, const WatchedLine& line, bool is_after_gap) {
  const auto& closing = line.closing;
  ++sums_.gaps;
  sums_.gap_time += closing.span.length;
  if (closing.reason != Reason::module_reset || closing.note.empty()) find(line, "a gap without a reason");
  // It must end at a restart: any more of it would be energy that the module had.
  const auto ends_there = [&](const Cause& cause) {
    return cause.kind == Cause::Kind::reset && cause.from <= closing.span.end.at &&
           (module.uptime_is_slow || closing.span.end.at <= cause.to + restart_time);
  };
  // A restart that was booked but could not be acknowledged before the process died is found again, at another whole second.
  const bool may_be_elsewhere = is_after_gap || has_cause(module, Cause::Kind::blind, closing.span);
  // One without length claims no time: the host rebooted, and the restart that was booked before could not be acknowledged.
  const bool claims_nothing = closing.span.length == Microseconds::zero();
  if (!may_be_elsewhere && !claims_nothing && std::none_of(module.causes.begin(), module.causes.end(), [&](const Cause& cause) {
        return ends_there(cause) && overlaps(cause, closing.span);
      }))
    find(line, "a gap that does not end at a restart of the module");
  for (std::size_t i = 0; i < closing.postings.size(); ++i) {
    if (closing.postings[i].energy_import != MicroWattHours{} || closing.postings[i].energy_export != MicroWattHours{})
      find(line, "a gap with energy on it");
    const auto truth = world_.physical_between(module.index, line.inputs[i], closing.span.begin.at, closing.span.end.at);
    const auto most = metering::energy_of(metering::most_of_a_channel, closing.span.length);
    if (truth.import_j / joules_per_wh > most.value()) find(line, "the truth is beyond the gap's bound");
  }
}

void LineJudge::judge_energy(const JudgedModule& module, const WatchedLine& line, bool is_guess) {
  const auto& closing = line.closing;
  const double length_s = seconds_of(closing.span.length);
  if (closing.postings.size() != module.channels.size()) find(line, "not one posting for each channel");
  for (std::size_t i = 0; i < closing.postings.size(); ++i) {
    const auto& bounds = module.channels.at(line.inputs[i]);
    const double swing_w = bounds.high - bounds.low;
    const double booked = closing.postings[i].energy_import.to_watt_hours().value();
    const double rounding = 3e-6 + 1e-6 * booked;  // of the posting and the one before; AVG_P is a 32-bit float
    if (closing.postings[i].energy_export != MicroWattHours{}) find(line, "export of loads that export nothing");
    if (is_guess) {
      if (booked < bounds.low * length_s / joules_per_wh - rounding || booked > bounds.high * length_s / joules_per_wh + rounding)
        find(line, "an estimate of " + std::to_string(booked) + " Wh, which no load can have made");
      continue;
    }
    double unsure_s = ends_s;
    if (closing.quality == Quality::estimated) unsure_s += restart_s + (module.uptime_is_slow ? 0.5 * length_s : 0.0);
    const double truth =
        world_.physical_between(module.index, line.inputs[i], closing.span.begin.at, closing.span.end.at).import_j /
        joules_per_wh;
    if (std::abs(booked - truth) > swing_w * unsure_s / joules_per_wh + rounding) {
      find(line, "channel " + std::to_string(line.inputs[i]) + " has " + std::to_string(booked) + " Wh, the truth is " +
                     std::to_string(truth) + " Wh");
    }
  }
}

}  // namespace rbamp::support
