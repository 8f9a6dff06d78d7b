// An rbampd on a message bus of the test's own that does what the test says, and rbampctl beside it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bus/i2c_bus.hpp"
#include "dbus/service.hpp"
#include "desk.hpp"
#include "integration/dbus/private_bus.hpp"
#include "support/memory_sink.hpp"
#include "support/timed_loop.hpp"
#include "unit/dbus/fake_control.hpp"

namespace rbamp::support {

/// Lends a bus of the test.
class LendingControl final : public dbus::FakeControl {
 public:
  bus::I2cBus* lent = nullptr;
  std::string device = "simulator";  ///< as what it is lent
  std::function<void()> on_latch;    ///< what it books before it answers

  void latch_now(dbus::Done<void> done) override {
    if (on_latch) on_latch();
    FakeControl::latch_now(std::move(done));
  }
  void borrow_bus(const std::string& name, const std::string& /*borrower*/, dbus::Done<dbus::BusLoan> done) override {
    calls.push_back("borrow " + name);
    done(dbus::BusLoan{1, device, {}});
  }
  void transfer(std::uint64_t /*loan*/, const dbus::BusTransfer& transfer, dbus::Done<std::vector<std::uint8_t>> done) override {
    ++transfers;
    std::vector<std::uint8_t> read(transfer.read_length);
    const auto passed_on =
        read.empty() ? lent->write(transfer.address, transfer.write) : lent->read(transfer.address, transfer.write.front(), read);
    if (passed_on) {
      done(std::move(read));
    } else {
      done(failure(passed_on.error()));
    }
  }
  [[nodiscard]] bool was_asked(const std::string& begin) const {
    return std::any_of(calls.begin(), calls.end(), [&](const auto& call) { return call.starts_with(begin); });
  }
  std::size_t transfers = 0;
};

/// To be made after the workshop or desk, which forget about message buses.
class DaemonBeside {
 public:
  DaemonBeside() {
    bus_.start();
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1);  // NOLINT(concurrency-mt-unsafe): before any thread
    service_ = std::make_unique<dbus::Service>(*loop_, control, log_,
                                               dbus::Service::Settings{"1.2.3", bus_.address(), std::chrono::milliseconds{300}});
    service_->start();
    loop_.run_until([this] { return service_->is_on_the_bus(); });
  }
  ~DaemonBeside() {
    service_.reset();
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);  // NOLINT(concurrency-mt-unsafe): as above
  }
  DaemonBeside(const DaemonBeside&) = delete;
  DaemonBeside& operator=(const DaemonBeside&) = delete;

  /// Runs the command on a thread of its own while the daemon answers. No checks in it: they belong on the test's thread.
  Outcome beside(std::function<Outcome()> command) {
    auto result = std::async(std::launch::async, std::move(command));
    loop_.run_until([&] { return result.wait_for(std::chrono::seconds{0}) == std::future_status::ready; });
    return result.get();
  }

  LendingControl control;

 private:
  dbus::PrivateBus bus_;
  TimedLoop loop_;
  MemorySink sink_;
  log::Logger log_{sink_, log::Level::debug};
  std::unique_ptr<dbus::Service> service_;
};

}  // namespace rbamp::support
