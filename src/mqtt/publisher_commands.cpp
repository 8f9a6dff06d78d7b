// What others may ask of the publisher: change a setting, forget a module, take over another program's entities.
#include <set>

#include "log/fields.hpp"
#include "mqtt/publisher.hpp"
#include "mqtt/setting_text.hpp"

namespace rbamp::mqtt {
namespace {

constexpr const char* migrate = R"({"migrate_discovery": true})";

tl::unexpected<Error> no_broker() {
  return failure(Errc::mqtt_unreachable, Remedy::wait,
                 "the MQTT broker is not connected, or busy with another such command: try again later");
}

/// Empty when every component keeps a key of its own.
std::string misfit(const DeviceDocument& ours, const Adoption& adoption) {
  if (adoption.object_id.empty() || adoption.object_id.find_first_of("/+#") != std::string::npos)
    return "the old node id is not usable";
  std::set<std::string> keys;
  for (const auto& [key, component] : ours.components) {
    const auto taken = adoption.entities.find(key);
    if (!keys.insert(taken == adoption.entities.end() ? key : taken->second.key).second)
      return "two components would have the key " + key;
  }
  for (const auto& [key, entity] : adoption.entities) {
    if (!ours.components.contains(key)) return "the module has no component " + key;
  }
  return {};
}

}  // namespace

/// Whatever comes of it, Home Assistant hears what the module really has: its number and select wait for that.
void Publisher::setting_wanted(const std::string& topic, const SettingWanted& wanted) {
  const auto answer = [this, id = wanted.module_id] {
    const auto view = modules_.find(id);
    if (view == modules_.end() || phase_ != Phase::online) return;
    put_settings(view->second, id);
    want_pump();
  };
  const auto view = modules_.find(wanted.module_id);
  if (view == modules_.end() || !view->second.description) {
    commands_.refuse(topic, "no such module is metered");
    return;
  }
  if (!wanted.objection.empty()) {
    commands_.refuse(topic, wanted.objection);
    answer();
    return;
  }
  const auto order = parse_setting(*view->second.description, wanted.setting, wanted.text);
  if (!order) {
    commands_.refuse(topic, order.error().detail);
    answer();
    return;
  }
  commands_.set(topic, *order, answer);
}

Result<void> Publisher::forget(const std::string& module_id) {
  if (modules_.contains(module_id)) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   "module " + module_id + " is being metered: take it out of the configuration and reload before forgetting it");
  }
  if (phase_ != Phase::online || forgetting_) return no_broker();
  absent_.erase(module_id);
  const std::string below = topics_.base() + "/" + module_id + "/";
  if (discovery_) {
    put(Rank::config, topics_.discovery(discovery_->object_id_of(module_id)), {});
    discovery_->forget(module_id);
  }
  // The broker alone knows what it retains of a module that this process has never seen: every answer is cleared.
  forgetting_ = below;
  session_.connection().subscribe(below + "#");
  forget_timer_ = scheduler_.call_after(forget_time, [this, filter = below + "#"] {
    forget_timer_.cancel();
    forgetting_.reset();
    session_.connection().unsubscribe(filter);
  });
  logger_.info("module " + module_id + " is removed from Home Assistant and from the MQTT broker",
               {{log::field::module, module_id}});
  want_pump();
  return {};
}

void Publisher::survey(std::function<void(Result<std::vector<ForeignEntity>>)> done) {
  if (phase_ != Phase::online || survey_) {
    done(no_broker());
    return;
  }
  survey_ = Survey{{}, std::move(done)};
  session_.connection().subscribe(topics_.foreign_filter());
  survey_timer_ = scheduler_.call_after(survey_time, [this] {
    session_.connection().unsubscribe(topics_.foreign_filter());
    end_survey(std::nullopt);
  });
}

void Publisher::end_survey(const std::optional<Error>& error) {
  survey_timer_.cancel();
  auto survey = std::exchange(survey_, std::nullopt);
  if (!survey) return;
  if (error) {
    survey->done(failure(*error));
  } else {
    survey->done(std::move(survey->entities));
  }
}

Result<DeviceDocument> Publisher::document_of(const std::string& module_id) const {
  const auto view = modules_.find(module_id);
  if (view == modules_.end() || !view->second.description || !discovery_) {
    return failure(Errc::request_invalid, Remedy::give_up, "module " + module_id + " is not metered now, or discovery is off");
  }
  return describe_module(topics_, {}, *view->second.description);
}

Result<void> Publisher::take_over(const std::string& module_id, const Adoption& adoption, std::vector<std::string> old_topics) {
  const auto view = modules_.find(module_id);
  if (view == modules_.end() || !view->second.description || !discovery_) {
    return failure(Errc::request_invalid, Remedy::give_up, "module " + module_id + " is not metered, or discovery is off");
  }
  if (phase_ != Phase::online || take_over_timer_.is_set()) return no_broker();
  const metering::ModuleDescription& description = *view->second.description;
  if (const auto words = misfit(describe_module(topics_, {}, description), adoption); !words.empty()) {
    return failure(Errc::request_invalid, Remedy::give_up, "the entities cannot be taken over: " + words);
  }
  Handover handover{adoption.object_id, {}, std::move(old_topics)};
  const std::string previous = discovery_->object_id_of(module_id);
  if (previous != adoption.object_id) {
    handover.former_topic = topics_.discovery(previous);
    session_.connection().unsubscribe(handover.former_topic);
    session_.connection().subscribe(topics_.discovery(adoption.object_id));
  }
  discovery_->begin_handover(std::move(handover));
  discovery_->adopt(module_id, adoption);
  discovery_->describe(description);
  hand_over();
  logger_.info("module " + module_id + " takes over " + std::to_string(adoption.entities.size()) + " entities of " +
                   adoption.object_id + " in Home Assistant",
               {{log::field::module, module_id}});
  want_pump();
  return {};
}

/// From the begin, however much of it was done before: nothing of it does harm twice.
void Publisher::hand_over() {
  if (!discovery_->handover()) return;
  const Handover& handover = *discovery_->handover();
  for (const auto& topic : handover.topics) put(Rank::config, topic, migrate);
  if (!handover.former_topic.empty()) put(Rank::config, handover.former_topic, {});
  discovery_->schedule().defer(handover.object_id, scheduler_.clock().boot_now() + take_over_pause);
  take_over_timer_ = scheduler_.call_after(take_over_time, [this] { clear_old_topics(); });
}

void Publisher::clear_old_topics() {
  for (const auto& topic : discovery_->handover()->topics) put(Rank::config, topic, {});
  // Forgotten when the broker has surely had it, or the connection is gone, and then the next one clears them.
  take_over_timer_ = scheduler_.call_after(take_over_pause, [this] {
    take_over_timer_.cancel();
    discovery_->end_handover();
  });
  want_pump();
}

}  // namespace rbamp::mqtt
