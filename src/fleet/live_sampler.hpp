// Reads live values of the modules of one bus: every window where export must be integrated, else as often as somebody wants to
// see them. Protocol 3.3, 9.5, 10.1.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "fleet/bus_budget.hpp"
#include "fleet/bus_context.hpp"
#include "fleet/edge_latency.hpp"
#include "fleet/edge_reads.hpp"
#include "fleet/live_order.hpp"
#include "fleet/module.hpp"
#include "fleet/slow_turns.hpp"
#include "fleet/slowness.hpp"
#include "fleet/window_rhythm.hpp"

namespace rbamp::fleet {

/// Each read is left ahead with the bus's worker, which waits for its instant or its edge itself, and windows come back several at a
/// time: two of three wake-ups fewer than a timer, a hand-over and an answer for each.
class LiveSampler {
 public:
  struct Events {
    std::function<void(Module&, const Error*)> cycle;             ///< after each read: answered, or why not
    std::function<void(const Module&, const LiveRead&)> reading;  ///< one that is due to be shown
    /// The bus cannot carry what is asked of it, other modules ask for too much now, or (nullopt) it carries it again.
    std::function<void(const std::optional<BusBudget::Excess>&)> overloaded;
    /// This module's reads take so long that it is asked less often, or (nullopt) no more.
    std::function<void(const Module&, std::optional<Microseconds> takes)> slow;
    std::function<bool()> is_latching;  ///< what the latch round reads of a slow module is enough at once
  };
  /// Windows that export needs, of all modules since the start.
  struct Windows {
    std::uint64_t seen = 0;
    std::uint64_t missed = 0;
  };

  /// `show_every`: how often a reading is shown, with reactive power and frequency in turn; zero: nobody looks.
  LiveSampler(BusContext context, Microseconds show_every, Events events);
  LiveSampler(const LiveSampler&) = delete;
  LiveSampler& operator=(const LiveSampler&) = delete;
  ~LiveSampler() { withdraw(); }

  /// Starts, or adapts to modules that came, went or want other windows: no timer runs when there is nothing to read.
  void set_modules(const std::vector<Module*>& modules);
  /// For good: nothing is read any more, but what is under way still counts.
  void stop();
  void set_show_every(Microseconds show_every);
  /// Modules with a DRDY line of their own. Before the first edge.
  void set_own_lines(std::vector<I2cAddress> modules) { own_lines_ = std::move(modules); }
  /// For the executor, which calls it as soon as that line has fallen, and reads those whose edge it is. Blocks for that. It may
  /// outlive the sampler.
  [[nodiscard]] std::function<void(LineOwner, const std::vector<BootTime>& fell)> edge_reader();
  /// That line fell, at that instant, up to Scheduler::leisure ago; the edge reader was told before. In the order of the edges.
  void edge(LineOwner line, BootTime fell);
  void follow_edges(LineOwner line, bool yes);

  [[nodiscard]] Windows windows() const;
  [[nodiscard]] Windows windows_of(const Module& module) const;
  /// What a reading of that module took at most, when it is asked less often for that.
  [[nodiscard]] std::optional<Microseconds> slow_reads_of(const Module& module) const;
  /// From an edge to the begin of the read that it is for.
  [[nodiscard]] const EdgeLatency& edge_latency() const { return edge_latency_; }

 private:
  struct Slot {
    Module* module = nullptr;
    WindowRhythm rhythm;
    std::optional<protocol::LiveBytes> last;
    std::optional<protocol::ReactiveBlock> reactive;
    std::optional<protocol::FrequencyReading> frequency;
    BootTime next_show{};
    unsigned failures = 0;
    Slowness slowness;
    bool is_told_slow = false;
    Microseconds slowest{};    ///< of its reads since it is slow
    bool is_turn = false;      ///< what is queued is out of step with its windows: it is slow
    BootTime last_begun{};     ///< of a read, whatever came of it
    Microseconds mean_read{};  ///< what one takes
    unsigned reads_in_mean = 0;
    bool reactive_is_next = true;
    bool is_wanted = false;        ///< to be shown at the next read
    bool is_every_window = false;  ///< what the module wanted at the last set_modules()
    bool is_queued = false;        ///< its next read is on the worker, and not answered yet
    bool waits_for_edge = false;   ///< its next read is left with the worker, which may have begun it
  };
  /// What the worker shares with the loop, and needs for a read.
  struct Desk {
    BusStation& bus;
    loop::Scheduler& loop;
    std::function<void(const LiveAnswer&)> answer;  ///< on the loop
    std::atomic<std::uint64_t> plan{0};             ///< counts how often what is queued became void
    EdgeReads edge_reads;
  };

  static void read(const std::shared_ptr<Desk>& desk, const LiveOrder& order, std::optional<BootTime> edge);
  [[nodiscard]] std::optional<BootTime> due(const Slot& slot) const;
  [[nodiscard]] Slot* slot_of(const Module* module);
  [[nodiscard]] LineOwner line_of(const Slot& slot) const;
  void tell_edges();
  void withdraw();
  void replan();
  void queue_reads();
  [[nodiscard]] LiveOrder order(Slot& slot, BootTime when);
  void queue(Slot& slot, BootTime when, std::optional<BootTime> edge);
  void leave_for_edge(Slot& slot);
  [[nodiscard]] bool take_back(Slot& slot);
  void wake_at(std::optional<BootTime> when);
  void arrived(const LiveAnswer& answer);
  void answered(Slot& slot, const LiveRead& read, Microseconds duration, bool show);
  void failed(Slot& slot, const Error& error, BootTime at) const;
  [[nodiscard]] bool waits_for_turn(const Slot& slot) const;
  [[nodiscard]] std::optional<BootTime> queue_slow_read(BootTime now);
  void note_pace(Slot& slot, const LiveAnswer& answer);
  static void note_duration(Slot& slot, Microseconds duration);
  void judge_budget(BootTime now);

  BusContext context_;
  Microseconds show_every_;
  Events events_;
  std::vector<Slot> slots_;
  Windows past_;  ///< of modules that went
  std::vector<I2cAddress> own_lines_;
  std::set<LineOwner> followed_;  ///< lines whose edges can be relied on
  bool is_stopped_ = false;
  EdgeLatency edge_latency_;
  BusBudget budget_;
  BootTime next_judgement_{};
  SlowTurns slow_turns_;
  loop::Timer timer_;  ///< for edges that do not come
  BootTime timer_at_{};
  loop::Alive alive_;
  std::shared_ptr<Desk> desk_;
};

}  // namespace rbamp::fleet
