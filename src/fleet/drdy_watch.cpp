#include "fleet/drdy_watch.hpp"

#include <algorithm>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::fleet {

namespace field = log::field;
namespace message_id = log::message_id;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Microseconds first_open_pause = seconds{5};
constexpr Microseconds longest_open_pause = seconds{300};
constexpr Microseconds noise_pause = seconds{60};
// A pulse lasts 10 µs, behind slow isolation or in a busy emulator some milliseconds. Whoever still pulls after this, with no edge
// between, means it; each edge begins the wait anew.
constexpr Microseconds pulse_is_over = milliseconds{50};
constexpr Microseconds look_interval = seconds{2};
// How long a line must work before it is called good: at most some dozen lines a day about one that comes and goes.
constexpr Microseconds first_probation = seconds{10};
constexpr Microseconds longest_probation = std::chrono::hours{4};
constexpr Microseconds forgiven_after = std::chrono::hours{24};
// Five windows a second and module, and some more for the few that a slow edge gives twice.
constexpr std::size_t most_edges_per_module = 40;  // in a look_interval

}  // namespace

DrdyWatch::DrdyWatch(Settings settings, Open open, const Environment& environment, Events events)
    : settings_(std::move(settings)),
      open_(std::move(open)),
      executor_(environment.executor),
      scheduler_(environment.scheduler),
      log_(environment.log),
      events_(std::move(events)),
      open_pause_(first_open_pause) {}

DrdyWatch::~DrdyWatch() { release(); }

void DrdyWatch::start() { open(); }

void DrdyWatch::set_modules(std::size_t count) {
  if (count > settings_.modules || settings_.modules == 0) last_edge_ = scheduler_.clock().boot_now();  // time to begin pulsing
  settings_.modules = count;
}

void DrdyWatch::open() {
  auto opened = open_();
  if (!opened) {
    distrust("cannot be used: " + opened.error().detail);
    close(open_pause_);
    return;
  }
  line_ = std::make_shared<Shared>();
  line_->line = std::move(*opened);
  open_pause_ = first_open_pause;
  last_edge_ = scheduler_.clock().boot_now();
  edges_since_look_ = 0;
  watch_ = watch(line_->line->fd());
  look_timer_ = scheduler_.call_after(look_interval, [this] { look_after(); });
}

/// On the executor.
Result<gpio::Edges> DrdyWatch::drain(Shared& shared) {
  const std::scoped_lock lock{shared.mutex};
  if (!shared.line) return gpio::Edges{};
  auto edges = shared.line->drain();
  if (edges && edges->count > 0) shared.newest_edge = edges->fell.back();
  return edges;
}

/// The loop is told of the edge before the reads for it take their time.
loop::Watch DrdyWatch::watch(int fd) {
  return executor_.watch_readable(fd, [this, line = line_, &scheduler = scheduler_, met = events_.met] {
    const auto edges = drain(*line);
    auto tell = [this, line, edges] {
      if (line->line) drained(edges);  // it is closed before *this ends
    };
    if (!edges) {
      scheduler.post(std::move(tell));
      return false;
    }
    if (edges->count == 0) return true;
    scheduler.post_later(std::move(tell));
    met(edges->fell);
    return true;
  });
}

/// The executor may be about to drain it, so that it is closed under its lock.
void DrdyWatch::release() {
  watch_.cancel();
  if (!line_) return;
  const std::scoped_lock lock{line_->mutex};
  line_->line.reset();
}

void DrdyWatch::close(Microseconds retry_after) {
  release();
  look_timer_.cancel();
  level_timer_.cancel();
  is_held_ = false;
  open_timer_ = scheduler_.call_after(retry_after, [this] { open(); });
  if (retry_after == open_pause_) open_pause_ = std::min(open_pause_ * 2, longest_open_pause);
}

bool DrdyWatch::is_low() const {
  const std::scoped_lock lock{line_->mutex};
  const auto low = line_->line->is_low();
  return low && *low;
}

BootTime DrdyWatch::newest_edge() const {
  const std::scoped_lock lock{line_->mutex};
  return line_->newest_edge;
}

void DrdyWatch::drained(const Result<gpio::Edges>& edges) {
  if (!edges) {
    distrust("failed: " + edges.error().detail);
    close(open_pause_);
    return;
  }
  lost_ += edges->lost;
  edges_since_look_ += edges->count + edges->lost;
  last_edge_ = scheduler_.clock().boot_now();
  if (edges_since_look_ > most_edges_per_module * std::max<std::size_t>(settings_.modules, 1)) {
    // Left alone for a while, since each edge of a noisy line costs a wake-up.
    distrust("gives " + std::to_string(edges_since_look_) +
             " edges in two seconds, more than its modules have windows; check the wiring, the pull-up and who else drives it");
    close(noise_pause);
    return;
  }
  if (is_low()) {
    level_timer_ = scheduler_.call_after(pulse_is_over, [this] { check_level(); });
  } else {
    trust();
  }
  events_.edge(*edges);
}

void DrdyWatch::check_level() {
  if (!is_low()) return;
  if (scheduler_.clock().boot_now() - newest_edge() < pulse_is_over) {  // fell again meanwhile
    level_timer_ = scheduler_.call_after(pulse_is_over, [this] { check_level(); });
    return;
  }
  is_held_ = true;
  distrust("is held low: a module has an event pending that its EVENT_MASK shows there");
  events_.held();
}

/// Without edges nothing wakes us, so a line that fell silent or stays low is looked at now and then.
void DrdyWatch::look_after() {
  const BootTime now = scheduler_.clock().boot_now();
  edges_since_look_ = 0;
  look_timer_ = scheduler_.call_after(look_interval, [this] { look_after(); });
  if (settings_.modules == 0 || now - last_edge_ < look_interval) return;
  if (is_low()) {
    check_level();
  } else if (is_trusted_ || problem_.empty()) {
    distrust("gives no edges; check that DRDY of the modules is connected to this line");
  }
}

void DrdyWatch::trust() {
  is_held_ = false;
  if (is_trusted_) return;
  is_trusted_ = true;
  problem_.clear();
  if (is_trouble_told_) recovery_timer_ = scheduler_.call_after(probation_, [this] { tell_recovery(); });
  events_.follow(true);
}

void DrdyWatch::distrust(const std::string& why) {
  if (is_trusted_) events_.follow(false);
  is_trusted_ = false;
  recovery_timer_.cancel();
  if (!is_trouble_told_) tell_trouble(why);
  last_trouble_ = scheduler_.clock().boot_now();
  problem_ = "DRDY " + why;
}

void DrdyWatch::tell_trouble(const std::string& why) {
  is_trouble_told_ = true;
  const bool is_new = probation_ == Microseconds::zero() || scheduler_.clock().boot_now() - last_trouble_ > forgiven_after;
  probation_ = is_new ? first_probation : std::min(probation_ * 2, longest_probation);
  log_.warning(
      settings_.subject + ": the DRDY line " + why + ". Windows are read by the clock meanwhile, and the line is tried again.",
      {{field::bus, settings_.bus}}, message_id::drdy_trouble);
}

void DrdyWatch::tell_recovery() {
  is_trouble_told_ = false;
  log_.info(settings_.subject + ": the DRDY line works again; windows are read at its edges", {{field::bus, settings_.bus}},
            message_id::drdy_back);
}

}  // namespace rbamp::fleet
