// Reads live values of the modules of one bus: every window where export must be integrated, else as often as somebody wants to
// see them. Protocol 3.3, 9.5, 10.1.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "fleet/bus_context.hpp"
#include "fleet/edge_latency.hpp"
#include "fleet/module.hpp"
#include "fleet/window_rhythm.hpp"

namespace rbamp::fleet {

/// The module that has a DRDY line for itself, or nullopt: the line that the others share.
using LineOwner = std::optional<I2cAddress>;

/// Each read is queued ahead on the bus's worker, which waits for its instant itself, and windows come back several at a time: two of
/// three wake-ups fewer than a timer, a hand-over and an answer for each. Only what follows an edge goes by way of the loop.
class LiveSampler {
 public:
  struct Events {
    std::function<void(Module&, const Error*)> cycle;             ///< after each read: answered, or why not
    std::function<void(const Module&, const LiveRead&)> reading;  ///< one that is due to be shown
    /// The bus cannot carry what is asked of it: so many modules are wanted at every window, a read of one takes so long.
    std::function<void(std::size_t modules, Microseconds per_read)> overloaded;
  };
  /// Windows that export needs, of all modules since the start.
  struct Windows {
    std::uint64_t seen = 0;
    std::uint64_t missed = 0;
  };

  /// `show_every`: how often a reading is shown, with reactive power and frequency in turn; zero: nobody looks.
  LiveSampler(BusContext context, Microseconds show_every, Events events)
      : context_(context), show_every_(show_every), events_(std::move(events)) {}
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
  /// That line fell, at that instant: the module whose edge it is is read at once.
  void edge(LineOwner line, BootTime fell);
  void follow_edges(LineOwner line, bool yes);

  [[nodiscard]] Windows windows() const;
  [[nodiscard]] Windows windows_of(const Module& module) const;
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
    bool reactive_is_next = true;
    bool is_wanted = false;        ///< to be shown at the next read
    bool is_every_window = false;  ///< what the module wanted at the last set_modules()
    bool is_queued = false;        ///< its next read is on the worker, and not answered yet
  };
  /// Counts how often what is queued became void; the worker reads it.
  using Plan = std::atomic<std::uint64_t>;
  struct Answer {
    Result<LiveRead> read;
    BootTime begun;
    Microseconds duration;
    std::uint64_t plan;
  };

  [[nodiscard]] std::optional<BootTime> due(const Slot& slot) const;
  [[nodiscard]] Slot* slot_of(const Module* module);
  [[nodiscard]] LineOwner line_of(const Slot& slot) const;
  void tell_edges();
  void withdraw();
  void replan();
  void queue_reads();
  void queue(Slot& slot, BootTime when, std::optional<BootTime> edge);
  void arrived(Module* module, const Answer& answer, bool show, std::optional<BootTime> edge);
  void answered(Slot& slot, const LiveRead& read, Microseconds duration, bool show);
  void failed(Slot& slot, const Error& error, BootTime at) const;
  void note_load(Microseconds duration);

  BusContext context_;
  Microseconds show_every_;
  Events events_;
  std::vector<Slot> slots_;
  Windows past_;  ///< of modules that went
  std::vector<I2cAddress> own_lines_;
  std::set<LineOwner> followed_;  ///< lines whose edges can be relied on
  bool is_stopped_ = false;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>(0);
  EdgeLatency edge_latency_;
  Microseconds mean_read_{};
  bool is_overloaded_ = false;
  loop::Timer timer_;  ///< for edges that do not come
  BootTime timer_at_{};
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
