#include "mqtt/adoption.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "mqtt/json_text.hpp"

namespace rbamp::mqtt {
namespace {

using nlohmann::json;

std::string text_at(const json& object, const char* key, const char* short_key) {
  for (const auto* name : {key, short_key}) {
    const auto found = object.find(name);
    if (found != object.end() && found->is_string()) return found->get<std::string>();
  }
  return {};
}

/// What must agree between ours and theirs.
std::string kind_of(const std::string& platform, const std::string& device_class, const std::string& name) {
  std::string kind = platform + " " + device_class;
  if (device_class != "energy") return kind;
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (lower.find("export") != std::string::npos || lower.find("return") != std::string::npos) return kind + " export";
  return kind + " import";
}

std::string kind_of(const Component& component) {
  const json options = parse_json(component.json);
  return kind_of(component.platform, text_at(options, "device_class", "dev_cla"), text_at(options, "name", "name"));
}

}  // namespace

std::optional<ForeignEntity> parse_foreign(const std::string& prefix, const std::string& topic, const std::string& payload) {
  // prefix / platform / node / object / "config"
  std::string_view rest = topic;
  if (!rest.starts_with(prefix + "/")) return std::nullopt;
  rest.remove_prefix(prefix.size() + 1);
  std::array<std::string, 4> levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto slash = rest.find('/');
    if ((slash == std::string_view::npos) != (i + 1 == levels.size())) return std::nullopt;
    levels[i] = rest.substr(0, slash);
    if (levels[i].empty()) return std::nullopt;
    if (slash != std::string_view::npos) rest.remove_prefix(slash + 1);
  }
  if (levels[3] != "config" || levels[0] == "device") return std::nullopt;
  const json options = parse_json(payload);
  if (!options.is_object() || !(options.contains("device") || options.contains("dev"))) return std::nullopt;
  ForeignEntity entity{topic,
                       levels[0],
                       levels[1],
                       levels[2],
                       text_at(options, "unique_id", "uniq_id"),
                       text_at(options, "device_class", "dev_cla"),
                       text_at(options, "name", "name"),
                       {}};
  for (const auto* key : {"device", "dev"}) {
    const auto device = options.find(key);
    if (device != options.end() && device->is_object()) entity.device_name = text_at(*device, "name", "name");
  }
  if (entity.unique_id.empty()) return std::nullopt;
  return entity;
}

Adoption propose_adoption(const DeviceDocument& ours, const std::vector<ForeignEntity>& foreign) {
  Adoption adoption;
  if (foreign.empty()) return adoption;
  adoption.object_id = foreign.front().node_id;
  std::multimap<std::string, const ForeignEntity*> theirs;
  for (const auto& entity : foreign) {
    if (entity.node_id == adoption.object_id) theirs.emplace(kind_of(entity.platform, entity.device_class, entity.name), &entity);
  }
  std::multimap<std::string, std::string> mine;
  for (const auto& [key, component] : ours.components) mine.emplace(kind_of(component), key);
  for (const auto& [kind, key] : mine) {
    if (mine.count(kind) != 1 || theirs.count(kind) != 1) continue;
    const ForeignEntity& entity = *theirs.find(kind)->second;
    adoption.entities.emplace(key, Adoption::Entity{entity.object_id, entity.unique_id});
  }
  return adoption;
}

namespace {

tl::unexpected<Error> refused(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

const ForeignEntity* find_entity(const std::vector<ForeignEntity>& entities, const std::string& platform,
                                 const std::string& object_id) {
  const auto found = std::find_if(entities.begin(), entities.end(), [&](const auto& entity) {
    return entity.object_id == object_id && (platform.empty() || entity.platform == platform);
  });
  return found == entities.end() ? nullptr : &*found;
}

/// One pair that the owner names.
Result<void> add_pair(Adoption& adoption, const DeviceDocument& ours, const std::vector<ForeignEntity>& entities,
                      const std::string& key, const std::string& object_id) {
  const auto component = ours.components.find(key);
  if (component == ours.components.end()) {
    std::string known;
    for (const auto& [name, one] : ours.components) known += (known.empty() ? "" : ", ") + name;
    return refused("the module has no entity \"" + key + "\"; it has " + known);
  }
  if (object_id.empty()) {
    adoption.entities.erase(key);
    return {};
  }
  const auto* entity = find_entity(entities, component->second.platform, object_id);
  if (entity == nullptr) {
    const auto* other = find_entity(entities, {}, object_id);
    return refused(other == nullptr ? "nobody announces \"" + object_id + "\" there"
                                    : "\"" + object_id + "\" is a " + other->platform + ", and \"" + key + "\" a " +
                                          component->second.platform + ": Home Assistant keeps no entity through that");
  }
  std::erase_if(adoption.entities, [&](const auto& entry) { return entry.second.key == object_id; });
  adoption.entities.insert_or_assign(key, Adoption::Entity{entity->object_id, entity->unique_id});
  return {};
}

}  // namespace

Result<TakeOver> plan_take_over(const DeviceDocument& ours, const std::vector<ForeignEntity>& foreign, const std::string& node_id,
                                const std::map<std::string, std::string>& pairs) {
  std::vector<ForeignEntity> entities;
  std::copy_if(foreign.begin(), foreign.end(), std::back_inserter(entities),
               [&](const auto& entity) { return entity.node_id == node_id; });
  if (entities.empty()) {
    return refused("nobody announces entities under the node id \"" + node_id +
                   "\": rbampctl homeassistant adopt shows which node ids there are");
  }
  TakeOver plan;
  plan.adoption = propose_adoption(ours, entities);
  for (const auto& [key, object_id] : pairs) {
    if (auto added = add_pair(plan.adoption, ours, entities, key, object_id); !added) return failure(added.error());
  }
  if (plan.adoption.entities.empty()) {
    return refused("it is not clear which entities of \"" + node_id +
                   "\" belong to which of the module: name them with --pair OURS=THEIRS");
  }
  std::vector<const ForeignEntity*> taken;
  for (const auto& [key, identity] : plan.adoption.entities) {
    const auto* entity = find_entity(entities, ours.components.at(key).platform, identity.key);
    taken.push_back(entity);
    plan.taken.push_back(*entity);
  }
  for (const auto& entity : entities) {
    if (std::find(taken.begin(), taken.end(), &entity) == taken.end()) plan.left.push_back(entity);
  }
  return plan;
}

std::vector<ForeignMeter> meters_among(const std::vector<ForeignEntity>& foreign) {
  constexpr std::array<std::string_view, 4> electric{"current", "energy", "power", "voltage"};
  std::map<std::string, ForeignMeter> nodes;
  std::set<std::string> meters;
  for (const auto& entity : foreign) {
    auto& node = nodes[entity.node_id];
    node.node_id = entity.node_id;
    if (node.device_name.empty()) node.device_name = entity.device_name;
    ++node.entities;
    if (std::find(electric.begin(), electric.end(), entity.device_class) != electric.end()) meters.insert(entity.node_id);
  }
  std::vector<ForeignMeter> found;
  for (auto& [node_id, node] : nodes) {
    if (meters.contains(node_id)) found.push_back(std::move(node));
  }
  return found;
}

DeviceDocument adopted(DeviceDocument document, const Adoption& adoption) {
  document.object_id = adoption.object_id;
  for (const auto& [our_key, identity] : adoption.entities) {
    auto node = document.components.extract(our_key);
    if (node.empty()) continue;
    json options = parse_json(node.mapped().json);
    options["unique_id"] = identity.unique_id;
    node.key() = identity.key;
    node.mapped().unique_id = identity.unique_id;
    node.mapped().json = to_line(options);
    document.components.insert(std::move(node));
  }
  return document;
}

std::string to_text(const Adoptions& adoptions) {
  json root = json::object();
  for (const auto& [module_id, adoption] : adoptions) {
    json entities = json::object();
    for (const auto& [our_key, entity] : adoption.entities)
      entities[our_key] = json{{"key", entity.key}, {"unique_id", entity.unique_id}};
    root[module_id] = json{{"object_id", adoption.object_id}, {"entities", std::move(entities)}};
  }
  return to_line(root);
}

Adoptions adoptions_from_text(const std::string& text) {
  Adoptions adoptions;
  const json root = parse_json(text);
  if (!root.is_object()) return adoptions;
  for (const auto& [module_id, value] : root.items()) {
    if (!value.is_object()) continue;
    Adoption adoption;
    adoption.object_id = text_at(value, "object_id", "object_id");
    const auto entities = value.find("entities");
    if (adoption.object_id.empty() || entities == value.end() || !entities->is_object()) continue;
    for (const auto& [our_key, entity] : entities->items()) {
      if (!entity.is_object()) continue;
      Adoption::Entity identity{text_at(entity, "key", "key"), text_at(entity, "unique_id", "unique_id")};
      if (!identity.key.empty() && !identity.unique_id.empty()) adoption.entities.emplace(our_key, std::move(identity));
    }
    adoptions.emplace(module_id, std::move(adoption));
  }
  return adoptions;
}

}  // namespace rbamp::mqtt
