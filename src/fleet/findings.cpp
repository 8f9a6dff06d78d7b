#include "fleet/findings.hpp"

#include <cmath>
#include <cstdlib>

#include "metering/module_energy.hpp"

namespace rbamp::fleet {

void Findings::add_look(const SnapshotRead& look) {
  if (look.state.error == protocol::ErrorCode::ok && look.events.has(protocol::Event::error)) {
    wants_error_look_ = true;
  } else {
    add_error(look.state.error);
  }
  if (looks_since_passed_error_ < passed_error_spacing) ++looks_since_passed_error_;
  // What was cleared at once to free a DRDY line is not over for that.
  const auto still_set = look.events | std::exchange(seen_between_looks_, {});
  told_thresholds_ = told_thresholds_ & still_set;
  told_holds_ = told_holds_ & still_set;
  tell_thresholds(look.events);
}

void Findings::add_passed_error() {
  if (std::exchange(looks_since_passed_error_, 0U) < passed_error_spacing) return;
  findings_.push_back(
      {metering::EventKind::module_error,
       {},
       "the module reported an error that was over when it was asked which: mostly a current input that clipped for a "
       "moment, and then more flowed than was metered; is the clamp large enough?",
       {}});
}

bool Findings::add_hold(protocol::Events seen) {
  const bool is_news = (seen & told_holds_) != seen;
  told_holds_ = told_holds_ | seen;
  seen_between_looks_ = seen_between_looks_ | seen;
  tell_thresholds(seen);
  return is_news;
}

void Findings::tell_thresholds(protocol::Events seen) {
  const auto events = seen & protocol::Events{static_cast<std::uint8_t>(~told_thresholds_.raw())} &
                      (protocol::Events{protocol::Event::threshold_current} | protocol::Event::threshold_power);
  told_thresholds_ = told_thresholds_ | events;
  if (events.has(protocol::Event::threshold_current))
    findings_.push_back({metering::EventKind::threshold_current, {}, "the module's current threshold was crossed", {}});
  if (events.has(protocol::Event::threshold_power))
    findings_.push_back({metering::EventKind::threshold_power, {}, "the module's power threshold was crossed", {}});
}

void Findings::add_error(protocol::ErrorCode error) {
  if (error == std::exchange(told_error_, error)) return;
  // A refused write is told to whoever wrote; a module that is not ready yet is about to be.
  if (error == protocol::ErrorCode::ok || error == protocol::ErrorCode::param || error == protocol::ErrorCode::not_ready) return;
  const bool clips = error == protocol::ErrorCode::sensor_overflow;
  findings_.push_back({clips ? metering::EventKind::clamp_saturated : metering::EventKind::module_error,
                       {},
                       clips ? std::string{"a current input clips: the load is beyond the clamp's range, and more flows than is "
                                           "metered; take a bigger clamp, then clear the error (rbampctl clear-error)"}
                             : "the module reports " + std::string{to_string(error)} + " (rbampctl info explains it)",
                       {}});
}

void Findings::add_restart(const metering::Evidence& evidence) {
  findings_.push_back({metering::EventKind::module_reset,
                       {},
                       "the module restarted " + std::to_string(evidence.uptime_s) + " s ago (" + reset_cause(evidence) + ")",
                       {}});
}

void Findings::compare_rulers(Ruler ruler, const ChannelAssignment& channel, Watts mean, const metering::LiveEnergy& live,
                              Microseconds length) {
  if (!live.is_complete() || !metering::was_watched(live, length)) return;
  const bool is_export = ruler == Ruler::export_register;
  auto& check = (is_export ? export_rulers_ : rulers_)[channel.index.value()];
  const auto verdict = check.add(length, mean * Hours{length}, is_export ? live.negative : live.positive);
  if (!verdict || !verdict->is_new_drift) return;
  const auto percent = std::lround((verdict->ratio - 1.0) * 1000.0);
  Finding finding{metering::EventKind::rulers_disagree, channel.id, {}, {}};
  finding.text = "in the last hour the live power added up to " + std::to_string(std::abs(percent) / 10) + "." +
                 std::to_string(std::abs(percent) % 10) + " % " + (percent > 0 ? "more" : "less") +
                 (is_export ? " export than the module's export register, which is what is booked: check export_register in the "
                              "configuration against the papers of the firmware"
                            : " than the module's own average, which is what is booked: restart the module, and have it looked "
                              "at if it stays");
  finding.values.ratio = verdict->ratio;
  findings_.push_back(std::move(finding));
}

}  // namespace rbamp::fleet
