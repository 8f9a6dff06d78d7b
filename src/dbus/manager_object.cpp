#include "dbus/manager_object.hpp"

#include "dbus/error_name.hpp"
#include "dbus/object_path.hpp"
#include "dbus/request.hpp"
#include "dbus/status_dictionary.hpp"

namespace rbamp::dbus {
namespace {

sdbus::Error on_bus(const Error& error) { return compat::make_error(error_name(error), error.detail); }

Error too_many() {
  return {Errc::daemon_busy, Remedy::wait,
          "rbampd has " + std::to_string(PendingReplies::most) + " requests to answer already; wait for some of them"};
}

}  // namespace

ManagerObject::ManagerObject(sdbus::IConnection& connection, BusLink& link, Control& control, LoanDesk& loans,
                             const ManagerView& view)
    : AdaptorInterfaces(connection, sdbus::ObjectPath{manager_path}), link_(link), control_(control), loans_(loans), view_(view) {
  registerAdaptor();
}

ManagerObject::~ManagerObject() { unregisterAdaptor(); }

void ManagerObject::emit_changed(const std::vector<std::string>& properties) {
  const std::vector<compat::PropertyName> names{properties.begin(), properties.end()};
  getObject().emitPropertiesChangedSignal(Manager_adaptor::INTERFACE_NAME, names);
}

template <class Value, class Send, class... Values>
Done<Value> ManagerObject::answer(sdbus::Result<Values...>&& reply, Send send) {
  return [this, guard = alive_.guard(), waiting = pending_.keep(std::move(reply)), send](const Result<Value>& outcome) {
    if (guard.expired()) return;
    const auto kept = waiting.lock();
    if (!kept) return;
    link_.send([&] {
      if (!outcome) return kept->returnError(on_bus(outcome.error()));
      if constexpr (std::is_void_v<Value>) {
        send(*kept);
      } else {
        send(*kept, *outcome);
      }
    });
    pending_.settle(kept);
  };
}

Done<Booked> ManagerObject::answer_booked(sdbus::Result<std::uint64_t, BookedOnBus>&& reply) {
  return answer<Booked>(std::move(reply), [](const auto& to, const Booked& booked) {
    BookedOnBus channels;
    for (const auto& channel : booked.channels) {
      channels.emplace_back(channel.channel, channel.added_import.value(), channel.added_export.value(),
                            channel.total_import.value(), channel.total_export.value());
    }
    to.returnResults(to_usec(booked.at), channels);
  });
}

void ManagerObject::LatchNow(sdbus::Result<>&& reply) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  control_.latch_now(answer<void>(std::move(reply), [](const auto& to) { to.returnResults(); }));
}

void ManagerObject::Reload(sdbus::Result<std::string>&& reply) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  control_.reload(answer<std::string>(std::move(reply), [](const auto& to, const std::string& text) { to.returnResults(text); }));
}

void ManagerObject::RestartModule(sdbus::Result<>&& reply, std::string module) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto id = checked_id("the module", std::move(module));
  if (!id) return reply.returnError(on_bus(id.error()));
  control_.restart_module(*id, answer<void>(std::move(reply), [](const auto& to) { to.returnResults(); }));
}

void ManagerObject::Adjust(sdbus::Result<std::uint64_t, BookedOnBus>&& reply, std::string module, std::string channel,
                           std::int64_t import_uwh, std::int64_t export_uwh, std::string reason) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto request = checked_adjustment(std::move(module), std::move(channel), import_uwh, export_uwh, std::move(reason));
  if (!request) return reply.returnError(on_bus(request.error()));
  control_.adjust(*request, answer_booked(std::move(reply)));
}

void ManagerObject::MeterChange(sdbus::Result<std::uint64_t, BookedOnBus>&& reply, std::string module, Dictionary change,
                                std::string reason) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto request = checked_meter_change(std::move(module), change, std::move(reason));
  if (!request) return reply.returnError(on_bus(request.error()));
  control_.meter_change(*request, answer_booked(std::move(reply)));
}

void ManagerObject::HomeAssistantForget(sdbus::Result<>&& reply, std::string module) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto id = checked_id("the module", std::move(module));
  if (!id) return reply.returnError(on_bus(id.error()));
  control_.forget_module(*id, answer<void>(std::move(reply), [](const auto& to) { to.returnResults(); }));
}

void ManagerObject::HomeAssistantFind(sdbus::Result<MetersOnBus>&& reply) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  control_.find_foreign_meters(
      answer<std::vector<ForeignMeter>>(std::move(reply), [](const auto& to, const std::vector<ForeignMeter>& found) {
        MetersOnBus meters;
        for (const auto& meter : found) meters.emplace_back(meter.node, meter.name, meter.entities);
        to.returnResults(meters);
      }));
}

void ManagerObject::HomeAssistantAdopt(sdbus::Result<TakenOnBus, std::vector<std::string>>&& reply, std::string module,
                                       std::string node, std::map<std::string, std::string> pairs, bool trial) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto request = checked_adoption(std::move(module), std::move(node), std::move(pairs), trial);
  if (!request) return reply.returnError(on_bus(request.error()));
  control_.adopt(*request, answer<Adopted>(std::move(reply), [](const auto& to, const Adopted& adopted) {
    TakenOnBus taken;
    for (const auto& entity : adopted.taken) taken.emplace_back(entity.ours, entity.theirs, entity.unique_id, entity.name);
    to.returnResults(taken, adopted.left);
  }));
}

void ManagerObject::BorrowBus(sdbus::Result<std::uint64_t, std::string, bool, std::uint32_t>&& reply, std::string bus) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto name = checked_id("the bus", std::move(bus));
  if (!name) return reply.returnError(on_bus(name.error()));
  loans_.borrow(*name, caller(), answer<BusLoan>(std::move(reply), [](const auto& to, const BusLoan& loan) {
    const auto max_read = static_cast<std::uint32_t>(std::min(loan.capabilities.max_read, longest_transfer));
    to.returnResults(loan.id, loan.description, loan.capabilities.plain_i2c, max_read);
  }));
}

void ManagerObject::Transfer(sdbus::Result<std::vector<std::uint8_t>>&& reply, std::uint64_t loan, std::uint8_t address,
                             std::vector<std::uint8_t> write, std::uint32_t read_length) {
  if (pending_.is_full()) return reply.returnError(on_bus(too_many()));
  const auto transfer = checked_transfer(address, std::move(write), read_length);
  if (!transfer) return reply.returnError(on_bus(transfer.error()));
  loans_.transfer(loan, caller(), *transfer,
                  answer<std::vector<std::uint8_t>>(
                      std::move(reply), [](const auto& to, const std::vector<std::uint8_t>& read) { to.returnResults(read); }));
}

void ManagerObject::ReturnBus(const std::uint64_t& loan) {
  if (const auto ended = loans_.give_back(loan, caller()); !ended) throw on_bus(ended.error());
}

Dictionary ManagerObject::GetStatus() { return to_dictionary(control_.status()); }

std::uint64_t ManagerObject::StartedUsec() { return to_usec(view_.started); }

std::vector<sdbus::ObjectPath> ManagerObject::Modules() {
  std::vector<sdbus::ObjectPath> paths;
  for (const auto& id : view_.modules) paths.emplace_back(module_path(id));
  return paths;
}

}  // namespace rbamp::dbus
