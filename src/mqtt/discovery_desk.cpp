#include "mqtt/discovery_desk.hpp"

#include <algorithm>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::mqtt {
namespace {

constexpr const char* store_key = DiscoveryDesk::remembered_keys[0];
constexpr const char* adoptions_key = DiscoveryDesk::remembered_keys[1];
constexpr const char* announced_key = DiscoveryDesk::remembered_keys[2];
constexpr const char* handover_key = DiscoveryDesk::remembered_keys[3];
/// Some brokers and bridges cap packets there (home-assistant 2).
constexpr std::size_t largest_message = std::size_t{64} * 1024;

}  // namespace

DiscoveryDesk::DiscoveryDesk(const Topics& topics, Origin origin, const Clock& clock, StateStore& store, log::Logger& logger)
    : topics_(topics),
      origin_(std::move(origin)),
      clock_(clock),
      store_(store),
      logger_(logger),
      bridge_(topics.identifier()),
      retirement_(Retirement::from_text(store.load(store_key).value_or(std::string{}))),
      adoptions_(adoptions_from_text(store.load(adoptions_key).value_or(std::string{}))),
      handover_(handover_from_text(store.load(handover_key).value_or(std::string{}))),
      announced_{topics.base(), topics.prefix(), origin_.software_version, {}},
      announced_text_(store.load(announced_key).value_or(std::string{})) {
  // What was announced under other topics is not ours any more to compare with.
  if (auto before = announced_from_text(announced_text_);
      before && before->base_topic == announced_.base_topic && before->prefix == announced_.prefix)
    announced_.modules = std::move(before->modules);
  documents_.emplace(bridge_, describe_daemon(topics_, origin_));
  refresh(bridge_);
}

void DiscoveryDesk::describe(const metering::ModuleDescription& module) {
  auto document = describe_module(topics_, origin_, module);
  if (const auto found = adoptions_.find(module.id); found != adoptions_.end())
    document = adopted(std::move(document), found->second);
  const std::string object_id = document.object_id;
  documents_.insert_or_assign(object_id, std::move(document));
  refresh(object_id);
  announced_.modules.insert_or_assign(module.id, module);
  store_announced();
}

void DiscoveryDesk::refresh(const std::string& object_id) {
  const DeviceDocument& document = documents_.at(object_id);
  const auto now = clock_.utc_is_synchronised() ? std::optional{clock_.utc_now()} : std::nullopt;
  std::string payload = to_payload(document, retirement_.update(document, now));
  if (payload.size() > largest_message) {
    logger_.warning("the discovery message of " + object_id + " has " + std::to_string(payload.size()) +
                        " bytes: some brokers refuse messages above 64 kB",
                    {{log::field::module, object_id}}, log::message_id::broker_refuses);
  }
  schedule_.set(object_id, std::move(payload));
  if (retirement_.has_changed()) {
    store_.store(store_key, retirement_.to_text());
    retirement_.mark_stored();
  }
}

std::string DiscoveryDesk::object_id_of(const std::string& module_id) const {
  const auto found = adoptions_.find(module_id);
  return found == adoptions_.end() ? topics_.module_identifier(module_id) : found->second.object_id;
}

void DiscoveryDesk::adopt(const std::string& module_id, Adoption adoption) {
  withdraw(object_id_of(module_id));
  adoptions_.insert_or_assign(module_id, std::move(adoption));
  store_.store(adoptions_key, to_text(adoptions_));
}

void DiscoveryDesk::begin_handover(Handover handover) {
  handover_ = std::move(handover);
  store_.store(handover_key, to_text(*handover_));
}

void DiscoveryDesk::end_handover() {
  handover_.reset();
  store_.store(handover_key, {});
}

void DiscoveryDesk::drop(const std::string& module_id) {
  const auto object_id = object_id_of(module_id);
  documents_.erase(object_id);
  schedule_.remove(object_id);
}

void DiscoveryDesk::forget(const std::string& module_id) {
  withdraw(object_id_of(module_id));
  if (adoptions_.erase(module_id) > 0) store_.store(adoptions_key, to_text(adoptions_));
  announced_.modules.erase(module_id);
  store_announced();
}

void DiscoveryDesk::store_announced() {
  auto text = to_text(announced_);
  if (text == announced_text_) return;
  announced_text_ = std::move(text);
  store_.store(announced_key, announced_text_);
}

void DiscoveryDesk::withdraw(const std::string& object_id) {
  documents_.erase(object_id);
  schedule_.remove(object_id);
  retirement_.forget(object_id);
  store_.store(store_key, retirement_.to_text());
  retirement_.mark_stored();
}

void DiscoveryDesk::on_held(const std::string& object_id, const std::string& payload, bool is_first) {
  if (!documents_.contains(object_id)) return;
  if (is_first) schedule_.note_held(object_id, payload);
  if (payload == schedule_.payload(object_id)) return;  // as after every reconnect: nothing to learn
  retirement_.learn(object_id, parse_components(payload));
  refresh(object_id);
}

void DiscoveryDesk::on_emptied(const std::string& object_id) {
  if (!schedule_.knows(object_id) || schedule_.is_discarded(object_id)) return;
  schedule_.discard(object_id);
  logger_.info("somebody deleted the device " + object_id +
                   " in Home Assistant: it is announced again when Home Assistant or rbampd starts",
               {{log::field::module, object_id}});
}

DiscoverySet DiscoveryDesk::current() const {
  DiscoverySet set;
  for (const auto& object_id : schedule_.object_ids()) set.emplace(object_id, schedule_.payload(object_id));
  return set;
}

}  // namespace rbamp::mqtt
