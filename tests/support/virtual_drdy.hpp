// A simulated data-ready line in virtual time: the loop looks at it when its next edge is due.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "loop/scheduler.hpp"
#include "loop/watch.hpp"
#include "simulator/drdy.hpp"

namespace rbamp::support {

/// Stands for the kernel, which makes a descriptor readable. Outlives what watches it.
class VirtualDrdy {
 public:
  VirtualDrdy(std::unique_ptr<simulator::SimulatedDrdy> line, loop::Scheduler& scheduler)
      : line_(std::move(line)), scheduler_(scheduler) {}

  /// What the fleet opens: it may be closed and opened again.
  [[nodiscard]] std::unique_ptr<gpio::DrdyLine> open() { return std::make_unique<Handle>(*this); }
  /// So many edges, beside those that fall, did not fit into the queue: the next drain tells.
  void overflow(std::size_t edges) { dropped_ += edges; }
  [[nodiscard]] int fd() const { return line_->fd(); }
  [[nodiscard]] loop::Watch watch(std::function<bool()> readable) {
    readable_ = std::move(readable);
    wait();
    return loop::Watch{std::make_unique<Watched>(*this)};
  }
  /// Before the timer, where the kernel is asked for what is readable by now.
  void serve() {
    if (!readable_) return;
    timer_.cancel();
    look();
  }

 private:
  class Handle final : public gpio::DrdyLine {
   public:
    explicit Handle(VirtualDrdy& drdy) : drdy_(drdy) {}
    [[nodiscard]] int fd() const override { return drdy_.line_->fd(); }
    [[nodiscard]] Result<gpio::Edges> drain() override {
      auto edges = drdy_.line_->drain();
      if (edges) edges->lost += std::exchange(drdy_.dropped_, 0);
      return edges;
    }
    [[nodiscard]] Result<bool> is_low() const override { return drdy_.line_->is_low(); }
    [[nodiscard]] std::string describe() const override { return drdy_.line_->describe(); }

   private:
    VirtualDrdy& drdy_;
  };
  struct Watched final : loop::Watch::Source {
    explicit Watched(VirtualDrdy& drdy) : owner(drdy) {}
    ~Watched() override {
      owner.timer_.cancel();
      owner.readable_ = nullptr;
    }
    VirtualDrdy& owner;
  };

  /// Faults come and go unannounced, so that it asks again now and then.
  void wait() {
    const BootTime latest = scheduler_.clock().boot_now() + std::chrono::milliseconds{20};
    timer_ = scheduler_.call_at(std::min(line_->next_edge().value_or(latest), latest), [this] { look(); });
  }
  void look() {
    const auto next = line_->next_edge();
    if (next && *next <= scheduler_.clock().boot_now()) {
      const auto readable = readable_;  // which may cancel the watch
      if (!readable()) readable_ = nullptr;
    }
    if (readable_) wait();
  }

  std::unique_ptr<simulator::SimulatedDrdy> line_;
  loop::Scheduler& scheduler_;
  std::function<bool()> readable_;
  loop::Timer timer_;
  std::size_t dropped_ = 0;
};

}  // namespace rbamp::support
