#include "mqtt/state_payload.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/local_time.hpp"
#include "mqtt/json_text.hpp"
#include "mqtt/number_text.hpp"
#include "mqtt/setting_text.hpp"
#include "mqtt/time_text.hpp"

namespace rbamp::mqtt {
namespace {

/// Builds one flat object. Numbers arrive as finished text: a JSON library would print doubles its own way.
class FlatObject {
 public:
  FlatObject& raw(std::string_view key, std::string_view value) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_.append(key).append("\":").append(value);
    return *this;
  }
  FlatObject& text(std::string_view key, std::string_view value) { return raw(key, to_line(value)); }
  [[nodiscard]] std::string close() && {
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string text_;
};

template <class Quantity>
std::string number(const std::optional<Quantity>& quantity, int places) {
  return quantity ? decimal_or_null(quantity->value(), places) : "null";
}

std::string mean_power(const metering::CommittedPosting& posting) {
  if (posting.quality == metering::Quality::gap || posting.quality == metering::Quality::adjustment) return "null";
  if (posting.span.length <= Microseconds::zero()) return "null";
  const WattHours net = (posting.energy_import - posting.energy_export).to_watt_hours();
  return decimal_or_null(net.value() / Hours{posting.span.length}.count(), 1);
}

std::optional<std::int64_t> watt_hours_of(const nlohmann::json& object, const char* key) {
  constexpr double largest_kwh = 9.0e9;  // what the ledger's integers can hold
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double kwh = found->get<double>();
  if (!std::isfinite(kwh) || kwh < 0.0 || kwh > largest_kwh) return std::nullopt;
  return std::llround(kwh * 1000.0);
}

}  // namespace

std::string daemon_state_payload(const metering::DaemonState& state) {
  FlatObject object;
  object.text("started", to_rfc3339(state.started))
      .raw("modules_online", std::to_string(state.modules_online))
      .raw("bus_errors", std::to_string(state.bus_errors))
      .raw("problem", state.problem.empty() ? "false" : "true");
  if (state.problem.empty()) {
    object.raw("problem_text", "null");
  } else {
    object.text("problem_text", state.problem);
  }
  return std::move(object).close();
}

std::string module_state_payload(const metering::Reading& reading) {
  return std::move(FlatObject{}
                       .raw("voltage", number(reading.voltage, 1))
                       .raw("frequency", number(reading.frequency, 2))
                       .text("last_read", to_rfc3339(reading.utc)))
      .close();
}

std::string channel_state_payload(const metering::ChannelReading& reading) {
  return std::move(FlatObject{}
                       .raw("current", number(reading.current, 3))
                       .raw("power", number(reading.active_power, 1))
                       .raw("reactive_power", number(reading.reactive_power, 1))
                       .raw("power_factor", number(reading.power_factor, 3)))
      .close();
}

std::string energy_payload(const ShownRegisters& registers) {
  return std::move(FlatObject{}
                       .raw("import", kwh_text(registers.import_wh))
                       .raw("export", kwh_text(registers.export_wh))
                       .text("since", to_rfc3339(registers.since)))
      .close();
}

std::string period_payload(const metering::CommittedPosting& posting) {
  return std::move(FlatObject{}
                       .text("begin", to_rfc3339(posting.span.begin.utc, true))
                       .text("end", to_rfc3339(posting.span.end.utc, true))
                       .raw("dt_s", decimal_or_null(std::chrono::duration<double>{posting.span.length}.count(), 3))
                       .raw("power", mean_power(posting))
                       .raw("import_wh", wh_text(posting.energy_import))
                       .raw("export_wh", wh_text(posting.energy_export))
                       .text("quality", metering::to_string(posting.quality))
                       .text("export_quality",
                             metering::to_string(posting.export_is_estimated ? metering::Quality::estimated : posting.quality))
                       .text("export_source", to_string(posting.export_source)))
      .close();
}

std::string event_payload(const metering::Event& event) {
  FlatObject object;
  object.text("event_type", to_string(event.kind)).text("text", event.text).text("time", to_rfc3339(event.utc, true));
  if (!event.channel_id.empty()) object.text("channel", event.channel_id);
  const auto& values = event.values;
  if (values.power) object.raw("power", number(values.power, 1));
  if (values.delta) object.raw("delta", number(values.delta, 1));
  if (values.average) object.raw("average", number(values.average, 1));
  if (values.voltage) object.raw("voltage", number(values.voltage, 1));
  if (values.frequency) object.raw("frequency", number(values.frequency, 2));
  if (values.ratio) object.raw("ratio", decimal_or_null(*values.ratio, 3));
  return std::move(object).close();
}

std::string demand_payload(const metering::DemandReport& report) {
  const auto& reading = report.reading;
  FlatObject object;
  object.raw("window_s", std::to_string(report.window / std::chrono::seconds{1}))
      .raw("demand", decimal_or_null(reading.so_far.value(), 1))
      .raw("forecast", decimal_or_null(reading.forecast.value(), 1))
      .raw("last", number(reading.last, 1));
  if (reading.peak) {
    object.raw("peak", decimal_or_null(reading.peak->power.value(), 1)).text("peak_begin", to_rfc3339(reading.peak->at));
  } else {
    object.raw("peak", "null").raw("peak_begin", "null");
  }
  return std::move(object).close();
}

std::string settings_payload(const metering::ModuleDescription& module, const metering::ModuleSettings& settings) {
  FlatObject object;
  object.raw(over_current, number(std::optional{settings.current_threshold.value_or(Amperes{})}, 2));
  object.raw(over_power, module.has_voltage ? number(std::optional{settings.power_threshold.value_or(Watts{})}, 0) : "null");
  for (const auto& channel : module.channels) {
    const auto& model = settings.ct_models.at(channel.index.value());
    // Home Assistant complains about a state that is no option.
    const bool is_option = std::find(module.ct_models.begin(), module.ct_models.end(), model) != module.ct_models.end();
    if (is_option) {
      object.text(ct_setting(channel.index), model);
    } else {
      object.raw(ct_setting(channel.index), "null");
    }
  }
  return std::move(object).close();
}

std::optional<ShownRegisters> parse_energy(const std::string& payload) {
  const auto object = parse_json(payload);
  if (!object.is_object()) return std::nullopt;
  const auto import_wh = watt_hours_of(object, "import");
  const auto export_wh = watt_hours_of(object, "export");
  const auto since = object.find("since");
  if (!import_wh || !export_wh || since == object.end() || !since->is_string()) return std::nullopt;
  const auto when = parse_rfc3339(since->get<std::string>());
  if (!when) return std::nullopt;
  return ShownRegisters{*import_wh, *export_wh, *when};
}

}  // namespace rbamp::mqtt
