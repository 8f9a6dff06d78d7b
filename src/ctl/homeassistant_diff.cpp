#include "ctl/homeassistant_diff.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "ctl/json_text.hpp"
#include "ctl/table.hpp"
#include "mqtt/announced_modules.hpp"
#include "mqtt/planned_modules.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using mqtt::DiscoveryChange;

/// What rbampd keeps in the ledger's file: see daemon::RememberedTexts and mqtt::DiscoveryDesk::remembered_keys.
constexpr const char* modules_key = "mqtt.homeassistant.modules";
constexpr const char* adoptions_key = "mqtt.homeassistant.adopted";

struct Before {
  mqtt::Announced announced;
  mqtt::Adoptions adoptions;
};

struct Difference {
  std::vector<DiscoveryChange> changes;
  std::vector<std::string> not_met;              ///< configured modules whose hardware nobody has seen
  std::vector<std::string> repeated_unique_ids;  ///< of the new configuration
  std::vector<std::string> notes;                ///< one sentence each

  [[nodiscard]] bool is_loss() const {
    return !repeated_unique_ids.empty() || std::any_of(changes.begin(), changes.end(), mqtt::is_loss);
  }
};

Result<Before> load_before(Context& context) {
  const auto reader = context.open_ledger();
  if (!reader) return failure(reader.error());
  const auto modules = (*reader)->state(modules_key);
  if (!modules) return failure(modules.error());
  const auto adoptions = (*reader)->state(adoptions_key);
  if (!adoptions) return failure(adoptions.error());
  auto announced = mqtt::announced_from_text(modules->value_or(std::string{}));
  if (!announced) {
    return failure(Errc::not_ready, Remedy::wait,
                   "rbampd has not told Home Assistant of any module yet, so there is nothing to compare with: let it run with "
                   "[mqtt] until it has found its modules");
  }
  return Before{std::move(*announced), mqtt::adoptions_from_text(adoptions->value_or(std::string{}))};
}

Difference difference_of(const Before& before, const config::Config& config) {
  Difference difference;
  if (!config.mqtt) {
    difference.notes.emplace_back("without [mqtt] every entity becomes unavailable; none is deleted");
    return difference;
  }
  if (!config.homeassistant.discovery) {
    difference.notes.emplace_back(
        "with discovery = false nothing is announced any more; entities that exist stay and are updated");
    return difference;
  }
  auto planned = mqtt::plan_modules(config, before.announced.modules);
  difference.not_met = std::move(planned.unknown);
  const mqtt::Announced after{config.mqtt->base_topic, config.homeassistant.prefix, before.announced.software_version,
                              std::move(planned.modules)};
  const auto now = mqtt::discovery_set(before.announced, before.adoptions);
  const auto then = mqtt::discovery_set(after, before.adoptions);
  difference.changes = mqtt::compare(now, then);
  difference.repeated_unique_ids = mqtt::repeated_unique_ids(then);
  if (after.prefix != before.announced.prefix) {
    difference.notes.push_back("everything is announced below " + after.prefix + " instead of " + before.announced.prefix +
                               "; Home Assistant must be set to the same prefix");
  }
  for (const auto& [id, module] : before.announced.modules) {
    if (after.modules.contains(id) ||
        std::find(difference.not_met.begin(), difference.not_met.end(), id) != difference.not_met.end())
      continue;
    std::string note = "when \"";
    note.append(id).append("\" is gone for good: rbampctl homeassistant forget ").append(id);
    difference.notes.push_back(std::move(note));
  }
  return difference;
}

void print_text(const Difference& difference, std::ostream& out) {
  for (const auto& change : difference.changes) out << printable(to_string(change)) << '\n';
  for (const auto& id : difference.not_met)
    out << "? " << id << ": rbampd has not met this module yet; which entities it gets depends on its hardware\n";
  for (const auto& unique_id : difference.repeated_unique_ids)
    out << "! " << unique_id << ": claimed by two entities, Home Assistant refuses the second; choose other ids\n";
  if (difference.changes.empty() && difference.not_met.empty() && difference.repeated_unique_ids.empty() &&
      difference.notes.empty())
    out << "Home Assistant will notice nothing.\n";
  for (const auto& note : difference.notes) out << "note: " << printable(note) << '\n';
}

void print_json(const Difference& difference, std::ostream& out) {
  Json answer{{"is_loss", difference.is_loss()},
              {"changes", Json::array()},
              {"not_met", difference.not_met},
              {"repeated_unique_ids", difference.repeated_unique_ids},
              {"notes", difference.notes}};
  for (const auto& change : difference.changes) {
    answer["changes"].push_back({{"kind", to_string(change.kind)},
                                 {"device", change.object_id},
                                 {"component", change.component},
                                 {"detail", change.detail}});
  }
  out << to_text(answer) << '\n';
}

}  // namespace

int print_homeassistant_diff(Context& context) {
  const auto config = context.config();
  if (!config) return context.fail(config.error());
  const auto before = load_before(context);
  if (!before) return context.fail(before.error());
  const auto difference = difference_of(*before, **config);
  if (context.wants_json()) {
    print_json(difference, context.out());
  } else {
    print_text(difference, context.out());
  }
  return difference.is_loss() ? exit_status::not_well : exit_status::ok;
}

}  // namespace rbamp::ctl
