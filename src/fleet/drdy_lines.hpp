// The data-ready lines of one bus: one that its modules share, lines of single modules, or both. Protocol 9.5.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/drdy_watch.hpp"
#include "fleet/live_sampler.hpp"

namespace rbamp::fleet {

/// Loop thread; nothing blocks.
class DrdyLines {
 public:
  struct Line {
    LineOwner owner;      ///< the module that has it for itself; nullopt: every module without one of its own
    std::string subject;  ///< "Bus \"main\"", for the log
    DrdyWatch::Open open;
  };
  struct Environment {
    std::string bus;
    DrdyWatch::Environment watches;       ///< what each line's watch works with
    LiveSampler& sampler;                 ///< outlives the lines
    std::function<void(LineOwner)> held;  ///< that line is held low: a module on it has an event pending
  };
  enum class State : std::uint8_t { none, edges, held, silent };

  /// At most one line for each owner.
  DrdyLines(std::vector<Line> lines, const Environment& environment);

  void start();
  void set_modules(const std::vector<Module*>& modules);
  /// Of the line that is worst off.
  [[nodiscard]] State state() const;
  /// Edges that the kernel dropped on any of them, where it counts them; nullopt: there is no line.
  [[nodiscard]] std::optional<std::uint64_t> lost() const;

 private:
  struct Watched {
    LineOwner owner;
    std::unique_ptr<DrdyWatch> watch;
  };
  std::vector<Watched> lines_;
};

}  // namespace rbamp::fleet
