// Reads live values of the modules of one bus: every window where export must be integrated, else as often as somebody wants to
// see them. Protocol 3.3, 10.1.
#pragma once

#include <functional>
#include <vector>

#include "fleet/bus_context.hpp"
#include "fleet/module.hpp"

namespace rbamp::fleet {

class LiveSampler {
 public:
  struct Events {
    std::function<void(Module&, const Error*)> cycle;             ///< after each read: answered, or why not
    std::function<void(const Module&, const LiveRead&)> reading;  ///< one that is due to be shown
  };

  /// `show_every`: how often a reading is shown, with reactive power and frequency; zero: nobody looks.
  LiveSampler(BusContext context, Microseconds show_every, Events events)
      : context_(context), show_every_(show_every), events_(std::move(events)) {}

  /// Starts, or adapts to modules that came or went: no timer runs when there is nothing to read.
  void set_modules(std::vector<Module*> modules);
  /// Reads all modules once now and shows them, out of turn.
  void show_once();

  /// Ticks at which the reads of the tick before were still under way: those windows are missed.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

 private:
  [[nodiscard]] Microseconds interval() const;
  void schedule();
  void tick();
  void begin(bool show_all);
  void read_next();

  BusContext context_;
  Microseconds show_every_;
  Events events_;
  std::vector<Module*> modules_;
  BootTime next_{};
  BootTime next_show_{};
  bool is_busy_ = false;
  bool show_ = false;
  bool show_requested_ = false;
  std::size_t cursor_ = 0;
  std::vector<Module*> turn_;
  std::uint64_t skipped_ = 0;
  loop::Timer timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
