// [events] and [demand]
#include "config/sections.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;
constexpr double most_watts = 1e6;
constexpr double most_volts = 500.0;

template <class Quantity>
void number(TableReader& table, std::string_view key, Quantity& into, double highest) {
  double value = into.value();
  table.number(key, value, 0.0, highest);
  into = Quantity{value};
}

}  // namespace

void read_events(TableReader& table, metering::EventSettings& events) {
  number(table, "power_step", events.power_step, most_watts);
  table.duration("step_spacing", events.step_spacing, 1s, 1h);
  number(table, "over_voltage", events.over_voltage, most_volts);
  number(table, "under_voltage", events.under_voltage, most_volts);
  number(table, "frequency_deviation", events.frequency_deviation, 5.0);
  table.duration("sample_interval", events.sample_interval, 200ms, 1min);
}

void read_demand(TableReader& table, Demand& demand) {
  table.duration("window", demand.window, 1min, 1h);
  table.choice("scope", demand.scope, {{"none", DemandScope::none}, {"grid", DemandScope::grid}, {"all", DemandScope::all}});
}

void check_events(Draft& draft) {
  const auto& events = draft.config.events;
  const bool are_known = !draft.is_wrong("events.over_voltage") && !draft.is_wrong("events.under_voltage");
  if (are_known && events.over_voltage > Volts{0.0} && events.under_voltage >= events.over_voltage) {
    const bool is_written = draft.has("events.under_voltage");
    draft.complain_at(is_written ? "events.under_voltage" : "events.over_voltage",
                      "events.under_voltage must be below events.over_voltage");
  }
  if (!draft.is_wrong("demand.window") && std::chrono::microseconds{1h} % draft.config.demand.window != Microseconds::zero())
    draft.complain_at("demand.window", "demand.window must divide an hour: \"5m\", \"10m\", \"15m\", \"20m\", \"30m\" or \"1h\"");
}

}  // namespace rbamp::config
