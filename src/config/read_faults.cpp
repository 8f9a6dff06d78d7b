// [[simulator.fault]]: the script of what goes wrong.
#include <algorithm>
#include <array>
#include <limits>

#include "config/duration.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"
#include "config/text_rules.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;

/// What a kind of fault needs to be told. A key that does nothing would hide a mistake.
struct Kind {
  std::string_view name;
  bool has_place = true;  ///< bus and module
  bool lasts = false;
  double lowest = 0.0;  ///< of value; both 0: it has none
  double highest = 0.0;
  bool needs_value = false;
  int highest_code = 0;  ///< 0: it has none
  bool has_uid = false;
};

constexpr int last_errno = 133;
constexpr std::array kinds{
    Kind{.name = "nack_address", .lasts = true, .highest = 1.0},
    Kind{.name = "nack_data", .lasts = true, .highest = 1.0},
    Kind{.name = "emi_burst", .lasts = true, .highest = 1.0},
    Kind{.name = "bit_flip", .lasts = true, .highest = 1.0},
    Kind{.name = "lost_write", .lasts = true, .highest = 1.0},
    Kind{.name = "lost_ack", .lasts = true, .highest = 1.0},
    Kind{.name = "bus_stuck", .lasts = true},
    Kind{.name = "adapter_error", .lasts = true, .highest_code = last_errno},
    Kind{.name = "slow_bus", .lasts = true, .highest = 10'000.0, .needs_value = true},
    Kind{.name = "power_cycle", .lasts = true},
    Kind{.name = "watchdog_reset"},
    Kind{.name = "unplug", .lasts = true},
    Kind{.name = "replace_chip", .has_uid = true},
    Kind{.name = "error_state", .highest_code = 0xFF},
    Kind{.name = "blank_flash"},
    Kind{.name = "foreign_latch"},
    Kind{.name = "chip_clock", .lowest = 0.1, .highest = 2.0, .needs_value = true},
    Kind{.name = "miss_broadcast", .lasts = true},
    Kind{.name = "empty_latch", .lasts = true},
    Kind{.name = "slow_latch", .lasts = true, .highest = 1000.0, .needs_value = true},
    Kind{.name = "overload", .lasts = true},
    Kind{.name = "drdy_silent", .lasts = true},
    Kind{.name = "drdy_stuck", .lasts = true},
    Kind{.name = "drdy_noise", .lasts = true, .lowest = 0.1, .highest = 1000.0, .needs_value = true},
    Kind{.name = "mains_outage", .has_place = false, .lasts = true},
};

/// "1h" after the house began, or 2026-01-05T10:00:00Z without quotes.
void read_at(TableReader& table, SimulatedFault& fault) {
  constexpr std::string_view wanted =
      "must be a duration in quotes since the begin, such as \"90s\", or a date and time with an offset and without quotes, such "
      "as "
      "2026-01-05T10:00:00Z";
  const auto* node = table.node("at");
  if (node == nullptr) return;
  if (const auto* moment = std::get_if<Moment>(&node->value); moment != nullptr && moment->utc) {
    fault.at_utc = moment->utc;
    return;
  }
  const auto* text = std::get_if<std::string>(&node->value);
  const auto since_begin = text == nullptr ? std::nullopt : parse_duration(*text);
  if (since_begin) {
    fault.at = *since_begin;
  } else {
    table.complain("at", std::string{wanted});
  }
}

void refuse_idle_keys(TableReader& table, const Kind& kind) {
  const auto refuse = [&](std::string_view key, bool is_used) {
    if (table.has(key) && !is_used) table.complain(key, "has no effect with kind = " + in_quotes(std::string{kind.name}));
  };
  refuse("bus", kind.has_place);
  refuse("module", kind.has_place);
  refuse("for", kind.lasts);
  refuse("value", kind.highest > 0.0);
  refuse("code", kind.highest_code > 0);
  refuse("uid", kind.has_uid);
}

}  // namespace

std::vector<std::string> simulated_fault_kinds() {
  std::vector<std::string> names;
  names.reserve(kinds.size());
  for (const auto& kind : kinds) names.emplace_back(kind.name);
  return names;
}

void read_simulated_fault(TableReader& table, SimulatedFault& fault) {
  table.text("kind", fault.kind, any_text);
  table.require("kind", "kind = \"power_cycle\"");
  const auto* const kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& one) { return one.name == fault.kind; });
  const bool is_known = kind != kinds.end();
  if (table.has("kind") && !table.is_wrong("kind") && !is_known) {
    const auto names = simulated_fault_kinds();
    table.complain("kind", in_quotes(fault.kind) + " is not known" + did_you_mean(fault.kind, names));
  }
  read_at(table, fault);
  table.duration_or_zero("for", fault.lasting, 1ms, 24h * 365);
  table.text("bus", fault.bus, plain_id);
  I2cAddress module;
  table.address("module", module);
  if (table.has("module") && !table.is_wrong("module")) fault.module = module;
  double value = 0.0;
  table.number("value", value, is_known ? kind->lowest : std::numeric_limits<double>::lowest(),
               is_known && kind->highest > 0.0 ? kind->highest : std::numeric_limits<double>::max());
  if (table.has("value") && !table.is_wrong("value")) fault.value = value;
  table.integer("code", fault.code, 1, is_known && kind->highest_code > 0 ? kind->highest_code : std::numeric_limits<int>::max());
  table.text("uid", fault.uid, uid_or_empty);
  if (!is_known) return;
  if (kind->needs_value) table.require("value", "value = 20");
  if (kind->highest_code > 0) table.require("code", kind->highest_code == last_errno ? "code = 121" : "code = 0xFA");
  refuse_idle_keys(table, *kind);
}

}  // namespace rbamp::config
