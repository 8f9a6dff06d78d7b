#include "ctl/live_view.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/local_time.hpp"
#include "ctl/json_text.hpp"
#include "ctl/number_text.hpp"
#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using Align = Table::Align;

template <class Tag>
Json number(const std::optional<Quantity<Tag>>& value) {
  return value ? Json(value->value()) : Json(nullptr);
}

Json to_json(const LiveRow& row) {
  const auto& block = row.values.block;
  Json json{{"address", to_string(row.address)},
            {"id", row.id},
            {"uid", row.uid ? Json(to_string(*row.uid)) : Json(nullptr)},
            {"voltage_v", number(block.voltage)},
            {"voltage_peak_v", number(block.voltage_peak)},
            {"frequency_hz", number(row.values.frequency)},
            {"rejected", block.rejected},
            {"channels", Json::array()}};
  for (std::size_t i = 0; i < channel_count(row.variant); ++i) {
    const auto& channel = block.channels.at(i);
    json["channels"].push_back(Json{{"channel", i},
                                    {"current_a", number(channel.current)},
                                    {"current_peak_a", number(channel.current_peak)},
                                    {"power_w", number(channel.active_power)},
                                    {"reactive_power_var", number(row.values.reactive_power.at(i))},
                                    {"power_factor", number(channel.power_factor)}});
  }
  return json;
}

}  // namespace

void print_live(const std::vector<LiveRow>& rows, std::ostream& out) {
  Table table{{{"module"},
               {"address"},
               {"channel", Align::right},
               {"U/V", Align::right},
               {"f/Hz", Align::right},
               {"I/A", Align::right},
               {"Ipeak/A", Align::right},
               {"P/W", Align::right},
               {"Q/var", Align::right},
               {"PF", Align::right}}};
  for (const auto& row : rows) {
    const auto& block = row.values.block;
    for (std::size_t i = 0; i < channel_count(row.variant); ++i) {
      const auto& channel = block.channels.at(i);
      const bool is_first = i == 0;
      table.add({is_first ? row.id : "", is_first ? to_string(row.address) : "", std::to_string(i),
                 is_first ? fixed(block.voltage, 1) : "", is_first ? fixed(row.values.frequency, 2) : "",
                 fixed(channel.current, 3), fixed(channel.current_peak, 3), fixed(channel.active_power, 1),
                 fixed(row.values.reactive_power.at(i), 1), fixed(channel.power_factor, 3)});
    }
  }
  table.print(out);
}

std::string live_json(const std::string& bus, UtcTime at, const std::vector<LiveRow>& rows, bool is_pretty) {
  Json json{{"bus", bus}, {"at", to_rfc3339(at, true)}, {"modules", Json::array()}};
  for (const auto& row : rows) json["modules"].push_back(to_json(row));
  return is_pretty ? to_text(json) : to_line(json);
}

}  // namespace rbamp::ctl
