#include "metering/event_watch.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace rbamp::metering {
namespace {

constexpr double voltage_hysteresis = 2.0;    // V
constexpr double frequency_hysteresis = 0.1;  // Hz
constexpr double between_50_and_60_hz = 55.0;

std::string fixed(double value, int decimals) {
  std::array<char, 48> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, decimals);
  return error == std::errc{} ? std::string{text.begin(), end} : std::string{"?"};
}

double low_or_none(double limit) { return limit > 0.0 ? limit : -std::numeric_limits<double>::infinity(); }
double high_or_none(double limit) { return limit > 0.0 ? limit : std::numeric_limits<double>::infinity(); }

Event made(const Reading& reading, const std::string& channel, EventKind kind, std::string text) {
  Event event;
  event.module_id = reading.module_id;
  event.channel_id = channel;
  event.kind = kind;
  event.at = reading.at;
  event.utc = reading.utc;
  event.text = std::move(text);
  return event;
}

}  // namespace

std::string in_words(Watts power) { return fixed(power.value(), 0) + " W"; }
std::string in_words(Volts voltage) { return fixed(voltage.value(), 1) + " V"; }
std::string in_words(Hertz frequency) { return fixed(frequency.value(), 2) + " Hz"; }

void EventWatch::restart() {
  for (auto& [id, channel] : channels_) channel.steps.restart();
}

std::vector<Event> EventWatch::add(const Reading& reading) {
  std::vector<Event> events;
  watch_voltage(reading, events);
  watch_frequency(reading, events);
  for (const auto& channel : reading.channels) {
    if (channel.active_power) watch_power(reading, channel, events);
  }
  return events;
}

void EventWatch::watch_voltage(const Reading& reading, std::vector<Event>& events) {
  if (!reading.voltage || (settings_.over_voltage <= Volts{0.0} && settings_.under_voltage <= Volts{0.0})) return;
  if (!voltage_) {
    voltage_.emplace(LimitWatch::Settings{low_or_none(settings_.under_voltage.value()),
                                          high_or_none(settings_.over_voltage.value()), voltage_hysteresis});
  }
  const auto edge = voltage_->add(reading.at, reading.voltage->value());
  if (!edge) return;
  const Volts voltage{edge->value};
  const auto tell = [&](EventKind kind, std::string text) {
    events.push_back(made(reading, {}, kind, std::move(text)));
    events.back().values.voltage = voltage;
  };
  switch (edge->state) {
    case LimitWatch::State::low:
      tell(EventKind::under_voltage, "the voltage is " + in_words(voltage) + ", below " + in_words(settings_.under_voltage));
      break;
    case LimitWatch::State::high:
      tell(EventKind::over_voltage, "the voltage is " + in_words(voltage) + ", above " + in_words(settings_.over_voltage));
      break;
    case LimitWatch::State::normal: tell(EventKind::voltage_normal, "the voltage is " + in_words(voltage) + " again"); break;
  }
}

void EventWatch::watch_frequency(const Reading& reading, std::vector<Event>& events) {
  if (!reading.frequency || settings_.frequency_deviation <= Hertz{0.0}) return;
  const double frequency = reading.frequency->value();
  if (!frequency_) {
    nominal_frequency_ = frequency > between_50_and_60_hz ? 60.0 : 50.0;
    const double deviation = settings_.frequency_deviation.value();
    // The module counts half periods: one odd value must not count.
    frequency_.emplace(LimitWatch::Settings{nominal_frequency_ - deviation, nominal_frequency_ + deviation, frequency_hysteresis,
                                            std::chrono::seconds{10}});
  }
  const auto edge = frequency_->add(reading.at, frequency);
  if (!edge) return;
  const bool is_normal = edge->state == LimitWatch::State::normal;
  events.push_back(made(reading, {}, is_normal ? EventKind::frequency_normal : EventKind::frequency_abnormal,
                        "the mains frequency is " + in_words(Hertz{edge->value}) +
                            (is_normal ? " again"
                                       : ", more than " + in_words(settings_.frequency_deviation) + " from " +
                                             fixed(nominal_frequency_, 0) + " Hz")));
  events.back().values.frequency = Hertz{edge->value};
}

void EventWatch::watch_power(const Reading& reading, const ChannelReading& channel, std::vector<Event>& events) {
  const auto [found, is_new] = channels_.try_emplace(
      channel.id, Channel{PowerSteps{{settings_.power_step, std::chrono::seconds{1}, settings_.step_spacing}}, SignWatch{role_}});
  auto& watches = found->second;
  const Watts power = *channel.active_power;
  if (watches.sign.add(reading.at, power)) {
    events.push_back(made(reading, channel.id, EventKind::clamp_reversed,
                          role_ == Role::solar
                              ? "this solar channel has drawn power for ten minutes (now " + in_words(power) +
                                    "): is the clamp mounted the wrong way round? Turn it, or set invert = true"
                              : "this load has delivered power for ten minutes (now " + in_words(power) +
                                    "): is the clamp mounted the wrong way round? Turn it, or set invert = true"));
    events.back().values.power = power;
  }
  const bool moves_by_itself = role_ == Role::solar || role_ == Role::battery;
  if (settings_.power_step <= Watts{0.0} || moves_by_itself) return;
  const auto step = watches.steps.add(reading.at, power);
  if (!step) return;
  const bool is_rise = step->delta > Watts{0.0};
  events.push_back(made(reading, channel.id, is_rise ? EventKind::turn_on : EventKind::turn_off,
                        in_words(is_rise ? step->delta : -step->delta) + (is_rise ? " turned on" : " turned off") + ", now " +
                            in_words(step->power)));
  auto& event = events.back();
  event.utc -= event.at - step->at;
  event.at = step->at;
  event.values.power = step->power;
  event.values.delta = step->delta;
  event.values.average = step->average;
}

}  // namespace rbamp::metering
