// One latch round on one bus, as explicit states: prove, arm, latch, settle, read, judge, book, acknowledge. Protocol 10.2, 13, 14.2.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "fleet/bus_context.hpp"
#include "fleet/module.hpp"

namespace rbamp::fleet {

/// Which modules are latched, when and how.
struct RoundOrder {
  std::vector<Module*> modules;
  BootTime due{};               ///< when the latch goes out; everything before it is preparation
  metering::Instant due_label;  ///< the same with its label, for the intent
  bool broadcast = false;
  std::uint8_t group = 0;
  std::uint16_t gc_tick = metering::no_gc_tick;
};

/// Runs on the loop thread; every bus transfer is a job on the bus's worker, one module at a time, so that live readings get
/// their turn in between. Nothing blocks: the 50 ms settle is a timer.
class LatchRound {
 public:
  enum class State : std::uint8_t {
    idle,
    proving,  ///< periods that are still unread are read, modules that were silent show their UID, old flags are cleared
    arming,   ///< the intents are made durable
    waiting,  ///< for the due instant
    latching,
    settling,  ///< 50 ms, or a longer pause before a second look or a second latch
    reading,
    reporting,  ///< the reports are with the owner; waits for `durable`
    acknowledging,
  };

  /// `reported(number)` is called once per round when all that could be read is drafted in the modules; the owner books it and
  /// calls `durable(number)`. `finished` is called when the round is over.
  struct Events {
    std::function<void(std::uint64_t)> reported;
    std::function<void()> finished;
    std::function<void(Module&, const Error*)> cycle;  ///< after each module's read: answered, or why not
  };

  LatchRound(BusContext context, Events events) : context_(context), events_(std::move(events)) {}

  /// Only when idle, or reporting (the round before is then over without acknowledgement: the next one catches up).
  void start(RoundOrder order);
  /// What that round reported is on disk: acknowledges to the modules. Ignored when a later round has begun.
  void durable(std::uint64_t number);
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool can_start() const { return state_ == State::idle || state_ == State::reporting; }

 private:
  enum class Need : std::uint8_t { none, latch, look, last_look };
  struct Participant {
    Module* module = nullptr;
    Need need = Need::latch;
    bool by_broadcast = false;
    unsigned latches = 0;
    unsigned failed_looks = 0;
  };

  [[nodiscard]] static bool is_gone(const Participant& participant);
  template <class Done>
  void read(const Participant& participant, Done done);
  void hold_back(Participant& participant);
  void prove_next();
  void proved(Participant& participant, const Result<SnapshotRead>& look);
  void proved_identity(Participant& participant, const Result<ModuleUid>& uid);
  void caught_up(Participant& participant, protocol::Events stale, const Result<void>& done);
  void next_pass(Microseconds pause);
  void arm();
  void armed();
  void wait_until_due();
  void latch();
  void latched(const std::vector<Participant*>& direct, bool broadcast, std::vector<LatchSent> sent);
  void settle(Microseconds pause);
  void read_next();
  void looked(Participant& participant, const Result<SnapshotRead>& look);
  void judged(Participant& participant, metering::LatchOutcome outcome);
  void finish_reading();
  void acknowledge_next();
  void finish();

  /// Runs a transfer on the bus's worker; its answer is dropped when another round has begun by then.
  template <class Job, class Done>
  void on_bus(Job job, Done done) {
    context_.run(alive_, std::move(job), [this, number = number_, done = std::move(done)](auto result) {
      if (number == number_) done(std::move(result));
    });
  }

  BusContext context_;
  Events events_;
  State state_ = State::idle;
  RoundOrder order_;
  std::vector<Participant> participants_;
  std::size_t cursor_ = 0;
  unsigned passes_ = 0;
  BootTime armed_for_{};
  bool is_armed_again_ = false;
  std::uint64_t number_ = 0;  ///< answers of an abandoned round are ignored
  loop::Timer timer_;
  loop::Alive alive_;
};

[[nodiscard]] std::string_view to_string(LatchRound::State state) noexcept;

}  // namespace rbamp::fleet
