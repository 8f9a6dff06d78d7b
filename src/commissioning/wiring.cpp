#include "commissioning/wiring.hpp"

#include <algorithm>
#include <cmath>

#include "commissioning/decimal.hpp"
#include "protocol/sensor.hpp"

namespace rbamp::commissioning {
namespace {

constexpr double dead_voltage = 10.0;   // below: no mains at the input
constexpr double lowest_mains = 80.0;   // no public mains is lower
constexpr double clear_power_w = 20.0;  // from here on a direction means something
constexpr double clear_apparent_va = 100.0;
constexpr double nearly_full = 0.8;       // of the transformer's rating
constexpr double resistive_factor = 0.9;  // least power factor of a heater
constexpr double wrong_phase_low = 0.3;   // a clamp that is a third of a period off shows half
constexpr double wrong_phase_high = 0.7;
constexpr double good_agreement = 0.05;
constexpr double fair_agreement = 0.2;
constexpr double ratio_agreement = 0.08;  // how well a ratio of ratings must fit

/// All checks of one module; collects what they find.
class WiringCheck {
 public:
  WiringCheck(I2cAddress module, const LiveValues& values, const WiringContext& context)
      : module_(module), values_(values), context_(context) {}

  Findings run() {
    if (has_voltage(context_.variant)) check_voltage();
    const auto loaded = loaded_channel();
    for (std::size_t i = 0; i < channel_count(context_.variant); ++i) {
      if (loaded == i) {
        check_against_load(i);
      } else {
        check_channel(i);
      }
    }
    return std::move(findings_);
  }

 private:
  void find(Severity severity, const std::string& check, const std::string& text, const std::string& advice = {}) {
    findings_.push_back({severity, check, module_, text, advice});
  }

  [[nodiscard]] const protocol::LiveChannel& channel(std::size_t i) const { return values_.block.channels.at(i); }
  [[nodiscard]] static std::string name(std::size_t i) { return "channel " + std::to_string(i); }

  void check_voltage() {
    const auto& voltage = values_.block.voltage;
    if (!voltage) {
      find(Severity::problem, "voltage", "the voltage it shows is one that no module measures",
           "Check the bus; replace the module when it stays so");
      return;
    }
    const std::string text = decimal(voltage->value(), 1) + " V";
    if (voltage->value() < dead_voltage) {
      find(Severity::problem, "voltage", text + " at its voltage input",
           "Check the fuse and the wires of the voltage input, or wait for the mains");
    } else if (voltage->value() < lowest_mains || !values_.frequency) {
      find(Severity::warning, "voltage", text + (values_.frequency ? "" : ", and no frequency"),
           "Check the wires of its voltage input");
    } else {
      find(Severity::ok, "voltage", text + ", " + decimal(values_.frequency->value(), 2) + " Hz");
    }
  }

  /// The channel that a person's load dominates.
  [[nodiscard]] std::optional<std::size_t> loaded_channel() const {
    if (!context_.load || !has_voltage(context_.variant)) return std::nullopt;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < channel_count(context_.variant); ++i) {
      const auto& current = channel(i).current;
      if (current && (!best || *current > *channel(*best).current)) best = i;
    }
    return best;
  }

  [[nodiscard]] const protocol::CtModel* model(std::size_t i) const { return protocol::find_ct_model(context_.ct_models.at(i)); }

  /// True when there is something to say about the current that makes power and direction pointless.
  bool check_current(std::size_t i) {
    const auto& current = channel(i).current;
    if (!current) {
      find(Severity::problem, "current", name(i) + ": the current it shows is one that no module measures",
           "Check the bus; replace the module when it stays so");
      return true;
    }
    if (current->value() == 0.0) {
      find(Severity::hint, "current", name(i) + ": no current",
           "Switch a load on. If it stays so: is the clamp closed, round one conductor only, and its plug in?");
      return true;
    }
    const auto* transformer = model(i);
    if (transformer == nullptr) return false;
    const double share = *current / transformer->rated;
    if (share > 1.0) {
      find(Severity::problem, "transformer",
           name(i) + ": " + decimal(current->value(), 1) + " A through a " + std::string{transformer->name},
           "Fit a larger transformer and set it (rbampctl set ct); if less flows, the module is set to a larger one than is "
           "fitted");
      return true;
    }
    if (share > nearly_full) {
      find(Severity::hint, "transformer",
           name(i) + ": " + decimal(current->value(), 1) + " A is nearly all that a " + std::string{transformer->name} + " can",
           "Fit a larger one if more can flow");
    }
    return false;
  }

  void check_channel(std::size_t i) {
    if (check_current(i)) return;
    if (!has_voltage(context_.variant)) {
      find(Severity::ok, "current", name(i) + ": " + decimal(channel(i).current->value(), 2) + " A");
      return;
    }
    const auto& power = channel(i).active_power;
    if (!power) {
      find(Severity::problem, "power", name(i) + ": the power it shows is one that no module measures",
           "Check the bus; replace the module when it stays so");
      return;
    }
    check_direction(i, *power);
    check_phase(i);
  }

  void check_direction(std::size_t i, Watts power) {
    if (std::abs(power.value()) < clear_power_w) {
      find(Severity::hint, "clamp", name(i) + ": " + decimal(power.value(), 1) + " W tell no direction", "Switch a load on");
      return;
    }
    const bool inverted = context_.inverted.at(i);
    const bool is_export = (power.value() < 0.0) != inverted;
    const std::string text = name(i) + ": " + decimal(std::abs(power.value()), 0) + " W " + (is_export ? "export" : "import") +
                             (inverted ? " (turned round by the configuration)" : "");
    const std::string turn = inverted ? "remove invert = true from the configuration"
                                      : "turn the clamp, or set invert = true in the configuration; check too that line and "
                                        "neutral of the voltage input are not swapped";
    if (!is_export) {
      find(Severity::ok, "clamp", text);
    } else if (context_.role == metering::Role::load) {
      find(Severity::problem, "clamp", text + ", where the configuration has a load", "Loads do not export: " + turn);
    } else {
      find(Severity::hint, "clamp", text, "Right if something generates now; otherwise " + turn);
    }
  }

  void check_phase(std::size_t i) {
    const auto& factor = channel(i).power_factor;
    const auto& voltage = values_.block.voltage;
    if (!factor || !voltage || (*voltage * *channel(i).current).value() < clear_apparent_va) return;
    const double size = std::abs(factor->value());
    if (size >= wrong_phase_high) return;
    find(Severity::hint, "phase", name(i) + ": power factor " + decimal(size, 2),
         "Normal for motors and electronics. If a heater runs there, the clamp is on another phase than the voltage input");
  }

  /// With a known resistive load, direction, phase and transformer can be told apart.
  void check_against_load(std::size_t i) {
    if (check_current(i)) return;
    const auto& power = channel(i).active_power;
    const auto& factor = channel(i).power_factor;
    if (!power || !values_.block.voltage) {
      check_channel(i);
      return;
    }
    check_direction_of_load(i, *power);
    const double size = factor ? std::abs(factor->value()) : 1.0;
    if (size >= wrong_phase_low && size <= wrong_phase_high) {
      find(Severity::problem, "phase", name(i) + ": power factor " + decimal(size, 2) + " with a resistive load",
           "The clamp is on another phase than the voltage input: move one of them");
      return;
    }
    if (size < resistive_factor)
      find(Severity::hint, "phase", name(i) + ": power factor " + decimal(size, 2),
           "Other loads run too, or the load is no heater");
    check_size(i, (*values_.block.voltage * *channel(i).current).value() / context_.load->value());
  }

  void check_direction_of_load(std::size_t i, Watts power) {
    const bool is_export = (power.value() < 0.0) != context_.inverted.at(i);
    if (!is_export) return;
    find(Severity::problem, "clamp", name(i) + ": the load shows as " + decimal(std::abs(power.value()), 0) + " W of export",
         context_.inverted.at(i) ? "Remove invert = true from the configuration"
                                 : "Turn the clamp, or set invert = true in the configuration; check too that line and neutral "
                                   "of the voltage input are not swapped");
  }

  /// `ratio`: what is shown over what is there.
  void check_size(std::size_t i, double ratio) {
    const std::string text = name(i) + ": shows " + decimal(ratio * 100.0, 0) + " % of the load";
    if (std::abs(ratio - 1.0) <= good_agreement) {
      find(Severity::ok, "transformer", text);
      return;
    }
    if (const auto* fitted = fitted_model(i, ratio); fitted != nullptr && std::abs(ratio - 1.0) > fair_agreement) {
      find(Severity::problem, "transformer",
           text + ", as if a " + std::string{fitted->name} + " were fitted where the module is set to " +
               std::string{model(i)->name},
           "Look at the clamp, then set what it is: rbampctl set ct " + to_string(module_) + " " + std::string{fitted->name} +
               " --channel " + std::to_string(i));
      return;
    }
    if (ratio < 1.0 && ratio >= 1.0 - fair_agreement) {
      find(Severity::warning, "transformer", text,
           "The clamp may not be quite closed: a gap of a tenth of a millimetre costs as much");
      return;
    }
    find(ratio > 1.0 && ratio <= 1.0 + fair_agreement ? Severity::hint : Severity::warning, "transformer", text,
         "Other loads run too, the load is another than said, or the transformer is not the one that is set");
  }

  /// A wrong model is wrong by the ratio of ratings: the one that explains what is shown.
  [[nodiscard]] const protocol::CtModel* fitted_model(std::size_t i, double ratio) const {
    const auto* set = model(i);
    if (set == nullptr) return nullptr;
    const protocol::CtModel* best = nullptr;
    double best_error = ratio_agreement;
    for (const auto& candidate : protocol::sct_013_models()) {
      if (candidate.code == set->code) continue;
      const double error = std::abs(ratio * (candidate.rated / set->rated) - 1.0);
      if (error < best_error) {
        best = &candidate;
        best_error = error;
      }
    }
    return best;
  }

  I2cAddress module_;
  const LiveValues& values_;
  const WiringContext& context_;
  Findings findings_;
};

}  // namespace

Findings check_wiring(I2cAddress module, const LiveValues& values, const WiringContext& context) {
  return WiringCheck{module, values, context}.run();
}

}  // namespace rbamp::commissioning
