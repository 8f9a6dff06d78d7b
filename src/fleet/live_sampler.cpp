#include "fleet/live_sampler.hpp"

#include <algorithm>

namespace rbamp::fleet {
namespace {

constexpr Microseconds window = std::chrono::milliseconds{200};  // protocol 1.1

}  // namespace

void LiveSampler::set_modules(std::vector<Module*> modules) {
  modules_ = std::move(modules);
  schedule();
}

Microseconds LiveSampler::interval() const {
  const bool every_window =
      std::any_of(modules_.begin(), modules_.end(), [](const Module* m) { return m->wants_every_window(); });
  return every_window ? window : show_every_;
}

void LiveSampler::schedule() {
  if (modules_.empty() || interval() == Microseconds::zero()) {
    timer_.cancel();
    return;
  }
  const BootTime now = context_.scheduler.clock().boot_now();
  if (next_ <= now) next_ = now + interval();  // late: keep no backlog, those windows are gone
  next_ = std::min(next_, now + interval());
  timer_ = context_.scheduler.call_at(next_, [this] { tick(); });
}

void LiveSampler::tick() {
  next_ += interval();
  if (is_busy_) {
    ++skipped_;
  } else {
    begin(false);
  }
  schedule();
}

void LiveSampler::show_once() {
  if (is_busy_) {
    show_requested_ = true;
  } else {
    begin(true);
  }
}

void LiveSampler::begin(bool show_all) {
  const BootTime now = context_.scheduler.clock().boot_now();
  show_ = show_all || (show_every_ > Microseconds::zero() && now >= next_show_);
  if (show_) next_show_ = now + show_every_ - window / 2;
  turn_.clear();
  for (auto* module : modules_) {
    if (show_ || module->wants_every_window()) turn_.push_back(module);
  }
  cursor_ = 0;
  is_busy_ = true;
  read_next();
}

void LiveSampler::read_next() {
  if (cursor_ == turn_.size()) {
    is_busy_ = false;
    if (std::exchange(show_requested_, false)) begin(true);
    return;
  }
  auto& module = *turn_[cursor_++];
  context_.run(
      alive_,
      [address = module.address(), dialect = module.dialect(), slow = show_](BusStation& bus) {
        return read_live(bus, address, dialect, slow);
      },
      [this, &module, shown = show_](const Result<LiveRead>& read) {
        events_.cycle(module, read ? nullptr : &read.error());
        if (read) {
          if (module.wants_every_window()) module.integrate(*read);
          if (shown) events_.reading(module, *read);
        }
        read_next();
      });
}

}  // namespace rbamp::fleet
