#include "daemon/homeassistant_desk.hpp"

#include <utility>

namespace rbamp::daemon {
namespace {

tl::unexpected<Error> ending() { return failure(Errc::cancelled, Remedy::give_up, "rbampd is ending"); }

}  // namespace

Result<mqtt::Publisher*> HomeAssistantDesk::publisher() {
  if (auto* publisher = mqtt_.publisher(); publisher != nullptr) return publisher;
  return failure(Errc::request_invalid, Remedy::give_up, "rbampd has no MQTT broker: there is no [mqtt] in its configuration");
}

void HomeAssistantDesk::forget(const std::string& module_id, const dbus::Done<void>& done) {
  const auto to = publisher();
  done(to ? (*to)->forget(module_id) : failure(to.error()));
}

void HomeAssistantDesk::find(dbus::Done<std::vector<dbus::ForeignMeter>> done) {
  const auto to = publisher();
  if (!to) {
    done(failure(to.error()));
    return;
  }
  (*to)->survey([done = std::move(done)](const Result<std::vector<mqtt::ForeignEntity>>& foreign) {
    if (!foreign) {
      done(failure(foreign.error()));
      return;
    }
    std::vector<dbus::ForeignMeter> meters;
    for (const auto& meter : mqtt::meters_among(*foreign))
      meters.push_back({meter.node_id, meter.device_name, static_cast<std::uint32_t>(meter.entities)});
    done(std::move(meters));
  });
}

void HomeAssistantDesk::adopt(const dbus::AdoptRequest& request, dbus::Done<dbus::Adopted> done) {
  const auto to = publisher();
  const auto ours = to ? (*to)->document_of(request.place) : failure(to.error());
  if (!ours) {
    done(failure(ours.error()));
    return;
  }
  (*to)->survey(
      [this, request, done = std::move(done), guard = alive_.guard()](const Result<std::vector<mqtt::ForeignEntity>>& foreign) {
        if (!foreign) {
          done(failure(foreign.error()));
        } else if (guard.expired()) {
          done(ending());
        } else {
          done(adopted(request, *foreign));
        }
      });
}

/// A second has passed since it was asked for: everything is looked up anew.
Result<dbus::Adopted> HomeAssistantDesk::adopted(const dbus::AdoptRequest& request,
                                                 const std::vector<mqtt::ForeignEntity>& foreign) {
  const auto to = publisher();
  if (!to) return failure(to.error());
  const auto ours = (*to)->document_of(request.place);
  if (!ours) return failure(ours.error());
  const auto plan = mqtt::plan_take_over(*ours, foreign, request.node, request.pairs);
  if (!plan) return failure(plan.error());
  if (!request.is_trial) {
    std::vector<std::string> topics;
    for (const auto& entity : plan->taken) topics.push_back(entity.topic);
    if (auto done = (*to)->take_over(request.place, plan->adoption, std::move(topics)); !done) return failure(done.error());
  }
  dbus::Adopted result;
  std::size_t next = 0;
  for (const auto& [key, identity] : plan->adoption.entities) {
    result.taken.push_back({key, identity.key, identity.unique_id, plan->taken.at(next).name});
    ++next;
  }
  for (const auto& entity : plan->left) result.left.push_back(entity.object_id);
  return result;
}

}  // namespace rbamp::daemon
