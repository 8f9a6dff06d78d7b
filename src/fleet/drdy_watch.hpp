// Waits on a data-ready line and says when modules have new windows; notices a line that cannot be trusted. Protocol 9.5.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "gpio/drdy_line.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"

namespace rbamp::fleet {

/// The bus's executor waits for the edges, so that reads begin with one wake-up; everything else is on the loop thread, up to
/// Scheduler::leisure later. Nothing blocks. While the line is missing, silent, held low or noisy, `follow(false)` is in force and
/// reads go by the clock; one warning says so, and the line is tried again. It is used again with its next edge, but called good
/// only after a probation, which doubles with each trouble of the same day: a line that comes and goes is not told each time.
class DrdyWatch {
 public:
  struct Settings {
    std::string bus;
    std::string subject;      ///< whose line it is, as sentences begin
    std::size_t modules = 1;  ///< how many may share the line: what counts as noise
  };
  using Open = std::function<Result<std::unique_ptr<gpio::DrdyLine>>()>;
  struct Environment {
    loop::WaitingExecutor& executor;  ///< of the bus
    loop::Scheduler& scheduler;
    log::Logger& log;
  };
  struct Events {
    /// On the executor, at once, and possibly once more after this object is gone.
    std::function<void(const std::vector<BootTime>& fell)> met;
    std::function<void(const gpio::Edges&)> edge;
    std::function<void(bool)> follow;  ///< the edges can be relied on from now on, or not any more
    std::function<void()> held;        ///< the line is held low: a module has an event pending
  };

  DrdyWatch(Settings settings, Open open, const Environment& environment, Events events);
  DrdyWatch(const DrdyWatch&) = delete;
  DrdyWatch& operator=(const DrdyWatch&) = delete;
  ~DrdyWatch();

  void start();
  /// How many modules are metered now: with none, silence is no fault.
  void set_modules(std::size_t count);

  [[nodiscard]] bool is_trusted() const { return is_trusted_; }
  /// The line was low when it was last looked at, for longer than any pulse.
  [[nodiscard]] bool is_held() const { return is_held_; }
  /// Empty, or what is wrong with the line, as a sentence.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// Edges that the kernel dropped, where it counts them.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  /// Drained by the executor, asked for its level by the loop.
  struct Shared {
    std::mutex mutex;
    std::unique_ptr<gpio::DrdyLine> line;  ///< none: closed
    BootTime newest_edge{};
  };

  void open();
  [[nodiscard]] loop::Watch watch(int fd);
  [[nodiscard]] static Result<gpio::Edges> drain(Shared& shared);
  void drained(const Result<gpio::Edges>& edges);
  [[nodiscard]] bool is_low() const;
  [[nodiscard]] BootTime newest_edge() const;
  void check_level();
  void look_after();
  void distrust(const std::string& why);
  void trust();
  void close(Microseconds retry_after);
  void release();
  void tell_trouble(const std::string& why);
  void tell_recovery();

  Settings settings_;
  Open open_;
  loop::WaitingExecutor& executor_;
  loop::Scheduler& scheduler_;
  log::Logger& log_;
  Events events_;
  std::shared_ptr<Shared> line_;
  loop::Watch watch_;  ///< before the line is closed
  loop::Timer open_timer_;
  loop::Timer level_timer_;
  loop::Timer look_timer_;
  loop::Timer recovery_timer_;
  Microseconds open_pause_;
  BootTime last_edge_{};
  std::size_t edges_since_look_ = 0;
  std::uint64_t lost_ = 0;
  bool is_trusted_ = false;
  bool is_held_ = false;
  bool is_trouble_told_ = false;
  Microseconds probation_{};
  BootTime last_trouble_{};
  std::string problem_;
};

}  // namespace rbamp::fleet
