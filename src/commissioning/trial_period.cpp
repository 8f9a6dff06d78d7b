#include "commissioning/trial_period.hpp"

#include "metering/book.hpp"
#include "metering/latch_verdict.hpp"

namespace rbamp::commissioning {

using metering::LatchKind;
using metering::LatchOutcome;

namespace {

constexpr int most_latches = 3;
constexpr Microseconds empty_pause = std::chrono::milliseconds{250};  // protocol 11.4

struct Closed {
  metering::Instant at;
  fleet::SnapshotRead look;
};

/// Latches until a period is closed, and acknowledges it, so that the next one can be told from it.
class Latcher {
 public:
  explicit Latcher(const ModuleLink& module) : module_(module), boot_(BootId::of_host()) {}

  Result<Closed> close() {
    auto before = look();
    if (!before) return failure(before.error());
    for (int i = 0; i < most_latches; ++i) {
      const auto sent = fleet::send_latch(module_.bus(), module_.address(), boot_);
      module_.pause(protocol::settle_time(protocol::Command::latch_period));
      auto after = look();
      if (!after) return failure(after.error());
      auto outcome = judge(sent, *before, *after, false);
      if (outcome == LatchOutcome::unclear) {
        module_.pause(metering::unclear_wait);
        after = look();
        if (!after) return failure(after.error());
        outcome = judge(sent, *before, *after, true);
      }
      if (outcome == LatchOutcome::reset) {
        return failure(Errc::wrong_module, Remedy::give_up,
                       module_.name() + " restarted during the trial: check its supply (4.5 to 5.5 V)");
      }
      if (auto cleared = fleet::acknowledge(module_.bus(), module_.address(), protocol::Event::period_ready); !cleared)
        return failure(cleared.error());
      if (outcome == LatchOutcome::closed) return Closed{sent.at, *after};
      module_.pause(empty_pause);
      before = look();
      if (!before) return failure(before.error());
    }
    return failure(Errc::not_ready, Remedy::give_up,
                   module_.name() + " closes no period: it takes no latch, or measures nothing. rbampctl info shows its errors");
  }

 private:
  Result<fleet::SnapshotRead> look() {
    return fleet::read_snapshot(module_.bus(), {module_.address(), module_.dialect(), boot_, LatchKind::direct});
  }

  static LatchOutcome judge(const fleet::LatchSent& sent, const fleet::SnapshotRead& before, const fleet::SnapshotRead& after,
                            bool is_last) {
    const metering::LatchAttempt attempt{LatchKind::direct, metering::no_gc_tick, sent.error.has_value(), is_last};
    const auto& was = before.evidence;
    return judge_latch(attempt,
                       {was.witness, was.uptime_s, after.evidence.now.at - was.now.at, !was.reset_flag, !was.period_ready, false},
                       after.evidence);
  }

  const ModuleLink& module_;
  BootId boot_;
};

}  // namespace

Result<TrialPeriod> try_period(const ModuleLink& module, Microseconds length) {
  if (!has_voltage(module.variant())) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   module.name() + " is of variant " + std::string{to_string(module.variant())} +
                       " without a voltage input: it measures no power and no energy. rbampctl read shows its currents");
  }
  Latcher latcher{module};
  const auto begin = latcher.close();
  if (!begin) return failure(begin.error());
  const auto passed = module.bus().clock().boot_now() - begin->at.at;
  if (passed < length) module.pause(length - passed);
  const auto end = latcher.close();
  if (!end) return failure(end.error());

  TrialPeriod trial;
  trial.length = end->at.at - begin->at.at;
  trial.snapshot = end->look.snapshot;
  trial.chip_ratio = static_cast<double>(std::chrono::duration_cast<Microseconds>(trial.snapshot.latch_time).count()) /
                     static_cast<double>(trial.length.count());
  for (std::size_t i = 0; i < max_channels; ++i) {
    if (const auto& mean = trial.snapshot.mean_power.at(i)) trial.energy_import.at(i) = metering::energy_of(*mean, trial.length);
  }
  return trial;
}

}  // namespace rbamp::commissioning
