#include "commissioning/module_doctor.hpp"

#include <algorithm>

#include "commissioning/chip_clock.hpp"
#include "commissioning/decimal.hpp"
#include "commissioning/link_quality.hpp"
#include "commissioning/module_facts.hpp"
#include "commissioning/solitude.hpp"
#include "commissioning/waveform.hpp"

namespace rbamp::commissioning {
namespace {

using protocol::ErrorCode;
using protocol::ResetCause;

/// A look at one module; each check adds what it finds. The first error of the bus ends it.
class ModuleExamination {
 public:
  ModuleExamination(const ModuleLink& module, const config::Module* configured, const DoctorOrder& order)
      : module_(module), configured_(configured), order_(order) {}

  Result<Findings> run() {
    const auto facts = describe(module_);
    if (!facts) return failure(facts.error());
    check_error(*facts);
    check_identity(*facts);
    check_transformers(*facts);
    check_health(*facts);
    auto rest = check_link()
                    .and_then([&] { return check_clock(); })
                    .and_then([&] { return check_solitude(); })
                    .and_then([&] { return check_live(*facts); })
                    .and_then([&] { return check_wave(); });
    if (!rest) return failure(rest.error());
    return std::move(findings_);
  }

 private:
  void find(Severity severity, const std::string& check, const std::string& text, const std::string& advice = {}) {
    findings_.push_back({severity, check, module_.address(), text, advice});
  }

  void check_error(const ModuleFacts& facts) {
    const auto code = facts.state.error;
    if (code == ErrorCode::ok) {
      find(Severity::ok, "error", "no error");
    } else if (code == ErrorCode::flash_params_bad) {
      find(Severity::problem, "error", "it has no settings (" + number_of(code) + ")",
           "Set it up: rbampctl provision " + to_string(module_.address()));
    } else {
      find(protocol::is_billable(code) ? Severity::warning : Severity::problem, "error",
           std::string{to_string(code)} + " (" + number_of(code) + ")", without_dot(advice_for(code)));
    }
    if (!facts.state.status.has(protocol::StatusBit::ready))
      find(Severity::problem, "error", "it does not measure",
           "Check its supply (4.5 to 5.5 V), then rbampctl reset " + to_string(module_.address()));
  }

  static std::string without_dot(std::string_view sentence) {
    if (sentence.ends_with('.')) sentence.remove_suffix(1);
    return std::string{sentence};
  }

  void check_identity(const ModuleFacts& facts) {
    if (facts.bytewise) {
      find(Severity::warning, "burst", "its bursts do not equal its single reads, so it is read byte by byte",
           "Check the bus: what is between it and the master may not carry long transfers");
    } else {
      find(Severity::ok, "burst", "bursts equal single reads");
    }
    if (configured_ != nullptr && configured_->uid && *configured_->uid != facts.identity.uid) {
      find(Severity::problem, "identity",
           "its UID is " + to_string(facts.identity.uid) + ", the configuration pins " + to_string(*configured_->uid),
           "rbampd refuses it: connect the right module, or correct uid of the module \"" + configured_->id + "\"");
    }
    if (facts.settings.address != module_.address()) {
      find(Severity::warning, "address", "it moves to " + to_string(facts.settings.address) + " with its next reset",
           "rbampctl reset " + to_string(module_.address()) + " takes that back, unless it was stored");
    }
  }

  void check_transformers(const ModuleFacts& facts) {
    if (facts.settings.sensor_class == protocol::SensorClass::unset) {
      find(Severity::problem, "transformer", "no sensor class is set: it measures nothing",
           "Set it up: rbampctl provision " + to_string(module_.address()));
      return;
    }
    for (std::size_t i = 0; i < channel_count(module_.variant()); ++i) {
      if (facts.evidence.ct_models.at(i) != 0) continue;
      find(Severity::problem, "transformer",
           "channel " + std::to_string(i) + " has no current transformer set: it measures nothing",
           "rbampctl set ct " + to_string(module_.address()) + " 30A --channel " + std::to_string(i));
    }
  }

  void check_health(const ModuleFacts& facts) {
    const auto& health = facts.evidence.health;
    if (health.reset_causes.has(ResetCause::watchdog) || health.reset_causes.has(ResetCause::window_watchdog)) {
      find(Severity::warning, "reset", "its watchdog restarted it " + std::to_string(health.uptime.count()) + " s ago",
           "Once may be a disturbance; if it comes again, check its supply, then replace it");
    }
    if (health.bus_errors > 0 || health.bus_recoveries > 0) {
      find(Severity::hint, "reset",
           "it has seen " + std::to_string(health.bus_errors) + " bus errors and recovered its bus " +
               std::to_string(health.bus_recoveries) + " times since it started",
           "Look at the link below; relays and long wires cause them");
    }
  }

  Result<void> check_link() {
    const auto quality = measure_quality(module_, order_.reads);
    if (!quality) return failure(quality.error());
    findings_.push_back(judge_quality(*quality, module_.address()));
    return {};
  }

  /// Two checks whose "error" is what a doctor looks for.
  Result<void> note(const Error& error, const std::string& check) {
    if (!error.is(Errc::wrong_module)) return failure(error);
    find(Severity::problem, check, error.detail, "Connect one module at a time and give each an address of its own");
    return {};
  }

  Result<void> check_clock() {
    const auto ratio = measure_chip_clock(module_);
    if (!ratio) return note(ratio.error(), "clock");
    findings_.push_back(judge_chip_clock(*ratio, module_.address()));
    return {};
  }

  Result<void> check_solitude() {
    if (auto alone = check_alone(module_); !alone) return note(alone.error(), "address");
    find(Severity::ok, "address", "nothing speaks for a second module at its address");
    return {};
  }

  Result<void> check_live(const ModuleFacts& facts) {
    auto feed = LiveFeed::open(module_.bus(), module_.address());
    if (!feed) return failure(feed.error());
    const auto values = feed->read();
    if (!values) return failure(values.error());
    WiringContext context;
    context.variant = module_.variant();
    context.ct_models = facts.evidence.ct_models;
    context.load = order_.load;
    if (configured_ != nullptr) {
      context.role = configured_->role;
      for (const auto& channel : configured_->channels) context.inverted.at(channel.index.value()) = channel.invert;
    }
    if (facts.settings.sensor_class == protocol::SensorClass::unset)
      return {};  // said already, and all that follows from it is 0
    auto wiring = check_wiring(module_.address(), *values, context);
    std::move(wiring.begin(), wiring.end(), std::back_inserter(findings_));
    return {};
  }

  Result<void> check_wave() {
    if (!order_.may_write) return {};
    const auto wave = capture(module_);
    if (!wave) return failure(wave.error());
    if (wave->clipped > 0) {
      find(Severity::problem, "wave",
           std::to_string(wave->clipped) + " of 256 samples of channel 0 are at the end of the converter",
           "More flows than the transformer can show: fit a larger one and set it");
    } else {
      find(Severity::ok, "wave",
           "channel 0 uses codes " + std::to_string(wave->lowest) + " to " + std::to_string(wave->highest) + " of 0 to 4095");
    }
    return {};
  }

  const ModuleLink& module_;
  const config::Module* configured_;
  const DoctorOrder& order_;
  Findings findings_;
};

}  // namespace

Result<Findings> examine_module(const ModuleLink& module, const config::Module* configured, const DoctorOrder& order) {
  return ModuleExamination{module, configured, order}.run();
}

}  // namespace rbamp::commissioning
