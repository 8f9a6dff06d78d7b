// What org.rbampd1 may ask of the daemon: commands, corrections, a bus on loan, "is all well?". Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/bookkeeper.hpp"
#include "daemon/bus_lender.hpp"
#include "daemon/homeassistant_desk.hpp"
#include "daemon/ledger_file.hpp"
#include "daemon/module_settings.hpp"
#include "daemon/mqtt_output.hpp"
#include "dbus/control.hpp"
#include "fleet/fleet.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"

namespace rbamp::daemon {

class ControlDesk final : public dbus::Control {
 public:
  /// What the desk works with; all of it must outlive it.
  struct Environment {
    const config::Config& config;  ///< as it is in force
    fleet::Fleet& fleet;
    Bookkeeper& bookkeeper;
    MqttOutput& mqtt;
    ModuleSettings& settings;
    LedgerFile& ledger;  ///< only in jobs of `executor`
    loop::Executor& executor;
    loop::Scheduler& scheduler;
    log::Logger& log;
    const UtcTime& started;  ///< corrected with the clock
    std::function<Result<std::string>()> reload;
    std::function<std::string()> problem;
  };
  explicit ControlDesk(Environment environment)
      : env_(std::move(environment)), lender_(env_.fleet, env_.scheduler, env_.log), homeassistant_(env_.mqtt) {}

  void latch_now(dbus::Done<void> done) override { env_.fleet.latch_now(std::move(done)); }
  void reload(dbus::Done<std::string> done) override { done(env_.reload()); }
  void restart_module(const std::string& module_id, dbus::Done<void> done) override;
  void adjust(const dbus::AdjustRequest& request, dbus::Done<dbus::Booked> done) override;
  void meter_change(const dbus::MeterChangeRequest& request, dbus::Done<dbus::Booked> done) override;
  void forget_module(const std::string& module_id, dbus::Done<void> done) override { homeassistant_.forget(module_id, done); }
  void find_foreign_meters(dbus::Done<std::vector<dbus::ForeignMeter>> done) override { homeassistant_.find(std::move(done)); }
  void adopt(const dbus::AdoptRequest& request, dbus::Done<dbus::Adopted> done) override {
    homeassistant_.adopt(request, std::move(done));
  }
  void borrow_bus(const std::string& name, const std::string& borrower, dbus::Done<dbus::BusLoan> done) override {
    lender_.borrow(name, borrower, std::move(done));
  }
  void transfer(std::uint64_t loan, const dbus::BusTransfer& transfer, dbus::Done<std::vector<std::uint8_t>> done) override {
    lender_.transfer(loan, transfer, std::move(done));
  }
  void return_bus(std::uint64_t loan) override;
  [[nodiscard]] dbus::Status status() const override;

  /// The sizes of the ledger's files are asked for in the background; status() tells the last answer.
  void refresh();
  /// The program ends: no more loans.
  void wind_down() { lender_.end_all(); }

 private:
  void book(const std::string& place, const metering::CorrectionRequest& request, dbus::Done<dbus::Booked> done);

  Environment env_;
  BusLender lender_;
  HomeAssistantDesk homeassistant_;
  std::optional<storage::Health> health_;
  loop::Alive alive_;
};

}  // namespace rbamp::daemon
