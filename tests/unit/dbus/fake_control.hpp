// A daemon that writes down what it is asked, and answers what the test wants, at once or when told to.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dbus/control.hpp"

namespace rbamp::dbus {

class FakeControl : public Control {
 public:
  std::vector<std::string> calls;           ///< "latch_now", "borrow main :1.7" ...
  std::optional<Error> error;               ///< the answer to everything, when set
  std::deque<std::optional<Error>> errors;  ///< before that, one for each call
  bool answers_later = false;               ///< answers wait in `waiting` until the test runs them
  std::deque<std::function<void()>> waiting;
  Status state;
  std::vector<std::uint8_t> bytes{0x12, 0x34};  ///< what a read gives

  void latch_now(Done<void> done) override { answer<void>("latch_now", done); }
  void reload(Done<std::string> done) override { answer<std::string>("reload", done, "applied: names"); }
  void restart_module(const std::string& id, Done<void> done) override { answer<void>("restart " + id, done); }
  void adjust(const AdjustRequest& request, Done<Booked> done) override {
    answer<Booked>("adjust " + request.place + "/" + request.channel + " " + text(request.energy_import) + " " +
                       text(request.energy_export) + " " + request.reason,
                   done, booked(request.channel, request.energy_import, request.energy_export));
  }
  void meter_change(const MeterChangeRequest& request, Done<Booked> done) override {
    answer<Booked>("change " + request.place + "/" + request.channel + " " + text(request.energy_import) + " " +
                       text(request.energy_export) + " " + (request.new_chip ? to_string(*request.new_chip) : "-") + " " +
                       request.reason,
                   done, booked("house", MicroWattHours{7}, {}));
  }
  void forget_module(const std::string& id, Done<void> done) override { answer<void>("forget " + id, done); }
  void find_foreign_meters(Done<std::vector<ForeignMeter>> done) override {
    answer<std::vector<ForeignMeter>>("find meters", done, std::vector<ForeignMeter>{{"oldmeter", "Old meter", 12}});
  }
  void adopt(const AdoptRequest& request, Done<Adopted> done) override {
    std::string what = std::string{request.is_trial ? "try" : "adopt"} + " " + request.place + " " + request.node;
    for (const auto& [ours, theirs] : request.pairs) what += " " + ours + "=" + theirs;
    answer<Adopted>(what, done, Adopted{{{"house_power", "p", "old_p", "Power"}}, {"wifi"}});
  }
  void borrow_bus(const std::string& name, const std::string& borrower, Done<BusLoan> done) override {
    answer<BusLoan>("borrow " + name + " " + borrower, done, BusLoan{++last_loan_, "/dev/i2c-1", {true, 8192, true}});
  }
  void transfer(std::uint64_t loan, const BusTransfer& transfer, Done<std::vector<std::uint8_t>> done) override {
    std::string what = "transfer " + std::to_string(loan) + " " + to_string(transfer.address);
    for (const auto byte : transfer.write) what += " " + std::to_string(byte);
    auto read = bytes;
    read.resize(transfer.read_length);
    answer<std::vector<std::uint8_t>>(what + " r" + std::to_string(transfer.read_length), done, read);
  }
  void return_bus(std::uint64_t loan) override { calls.push_back("return " + std::to_string(loan)); }
  [[nodiscard]] Status status() const override { return state; }

  void answer_next() {
    const auto next = std::move(waiting.front());
    waiting.pop_front();
    next();
  }
  [[nodiscard]] std::string last_call() const { return calls.empty() ? std::string{} : calls.back(); }

 private:
  static std::string text(std::optional<MicroWattHours> amount) { return amount ? std::to_string(amount->value()) : "-"; }
  static Booked booked(const std::string& channel, MicroWattHours in, MicroWattHours out) {
    return {UtcTime{std::chrono::seconds{1767603600}},
            {{channel, in, out, MicroWattHours{1'000'000} + in, MicroWattHours{2'000'000} + out}}};
  }

  template <class T, class... Value>
  void answer(std::string call, const Done<T>& done, Value... value) {
    calls.push_back(std::move(call));
    auto refusal = error;
    if (!errors.empty()) {
      refusal = errors.front();
      errors.pop_front();
    }
    auto now = [done, refusal, value...] {
      if (refusal) {
        done(failure(*refusal));
      } else {
        done(Result<T>{value...});
      }
    };
    if (answers_later) {
      waiting.emplace_back(std::move(now));
    } else {
      now();
    }
  }

  std::uint64_t last_loan_ = 0;
};

}  // namespace rbamp::dbus
