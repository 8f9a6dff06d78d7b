// /org/rbampd1 on one connection: commands in, properties of the daemon out. Contract: org.rbampd1.Manager.xml.
#pragma once

#include <dbus-glue/manager_adaptor.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dbus/bus_link.hpp"
#include "dbus/compat.hpp"
#include "dbus/control.hpp"
#include "dbus/loan_desk.hpp"
#include "dbus/pending_replies.hpp"
#include "loop/executor.hpp"

namespace rbamp::dbus {

/// What the properties of the Manager show.
struct ManagerView {
  std::string version;
  Health health = Health::healthy;  ///< as last signalled, and so is `problem`
  std::string problem;
  UtcTime started{};
  std::vector<std::string> modules;  ///< ids
  std::uint32_t modules_online = 0;
  std::uint64_t bus_errors = 0;
};

/// Lives as long as its connection. Loop thread; handlers check what arrives, pass it on and return. Answers of the daemon that come after
/// this object's end are dropped, since nobody can hear them.
class ManagerObject final : public sdbus::AdaptorInterfaces<org::rbampd1::Manager_adaptor, sdbus::ObjectManager_adaptor> {
 public:
  /// All references must outlive this object; `link` is that of `connection`.
  ManagerObject(sdbus::IConnection& connection, BusLink& link, Control& control, LoanDesk& loans, const ManagerView& view);
  ManagerObject(const ManagerObject&) = delete;
  ManagerObject& operator=(const ManagerObject&) = delete;
  ~ManagerObject();

  /// Tells whoever listens that these properties have changed.
  void emit_changed(const std::vector<std::string>& properties);

 private:
  using MetersOnBus = std::vector<sdbus::Struct<std::string, std::string, std::uint32_t>>;
  using TakenOnBus = std::vector<sdbus::Struct<std::string, std::string, std::string, std::string>>;
  using BookedOnBus = std::vector<sdbus::Struct<std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>>;

  void LatchNow(sdbus::Result<>&& reply) override;
  void Reload(sdbus::Result<std::string>&& reply) override;
  void RestartModule(sdbus::Result<>&& reply, std::string module) override;
  void Adjust(sdbus::Result<std::uint64_t, BookedOnBus>&& reply, std::string module, std::string channel, std::int64_t import_uwh,
              std::int64_t export_uwh, std::string reason) override;
  void MeterChange(sdbus::Result<std::uint64_t, BookedOnBus>&& reply, std::string module, Dictionary change,
                   std::string reason) override;
  void HomeAssistantForget(sdbus::Result<>&& reply, std::string module) override;
  void HomeAssistantFind(sdbus::Result<MetersOnBus>&& reply) override;
  void HomeAssistantAdopt(sdbus::Result<TakenOnBus, std::vector<std::string>>&& reply, std::string module, std::string node,
                          std::map<std::string, std::string> pairs, bool trial) override;
  void BorrowBus(sdbus::Result<std::uint64_t, std::string, bool, std::uint32_t>&& reply, std::string bus) override;
  void Transfer(sdbus::Result<std::vector<std::uint8_t>>&& reply, std::uint64_t loan, std::uint8_t address,
                std::vector<std::uint8_t> write, std::uint32_t read_length) override;
  void ReturnBus(const std::uint64_t& loan) override;
  Dictionary GetStatus() override;

  std::string Version() override { return view_.version; }
  // Asked for as they are now: a broker that has just gone, or an age that has passed its limit, is no edge of anything.
  std::string State() override { return std::string{to_string(control_.status().health)}; }
  std::string Problem() override { return control_.status().problem; }
  std::uint64_t StartedUsec() override;
  std::vector<sdbus::ObjectPath> Modules() override;
  std::uint32_t ModulesOnline() override { return view_.modules_online; }
  std::uint64_t BusErrors() override { return view_.bus_errors; }

  /// A callback for the daemon that answers the caller: `send` turns a value into results.
  template <class Value, class Send, class... Values>
  [[nodiscard]] Done<Value> answer(sdbus::Result<Values...>&& reply, Send send);
  [[nodiscard]] Done<Booked> answer_booked(sdbus::Result<std::uint64_t, BookedOnBus>&& reply);
  [[nodiscard]] std::string caller() const { return compat::current_sender(getObject()); }

  BusLink& link_;
  Control& control_;
  LoanDesk& loans_;
  const ManagerView& view_;
  PendingReplies pending_;
  loop::Alive alive_;
};

}  // namespace rbamp::dbus
