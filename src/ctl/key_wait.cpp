#include "ctl/key_wait.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace rbamp::ctl {
namespace {

// A handler may touch nothing else.
volatile std::sig_atomic_t is_interrupted = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

constexpr std::array handled{SIGINT, SIGTERM, SIGHUP};

extern "C" void note_interrupt(int /*signal*/) { is_interrupted = 1; }

}  // namespace

struct KeyWait::Saved {
  bool has_keys = false;
  termios keys{};
  std::array<struct sigaction, handled.size()> actions{};
};

KeyWait::KeyWait(bool is_terminal) {
  if (!is_terminal) return;
  saved_ = std::make_unique<Saved>();
  is_interrupted = 0;
  struct sigaction action {};
  action.sa_handler = note_interrupt;  // without SA_RESTART: poll must come back
  ::sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < handled.size(); ++i) ::sigaction(handled.at(i), &action, &saved_->actions.at(i));
  if (::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &saved_->keys) == 0) {
    termios raw = saved_->keys;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    saved_->has_keys = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
}

KeyWait::~KeyWait() {
  if (!saved_) return;
  if (saved_->has_keys) ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_->keys);
  for (std::size_t i = 0; i < handled.size(); ++i) ::sigaction(handled.at(i), &saved_->actions.at(i), nullptr);
}

bool KeyWait::wait(Clock& clock, Microseconds time) {
  if (!saved_) {
    clock.sleep_for(time);
    return true;
  }
  const KernelClock kernel;
  const BootTime end = kernel.boot_now() + time;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - kernel.boot_now()).count();
    if (is_interrupted != 0) return false;
    if (left <= 0) return true;
    pollfd input{saved_->has_keys ? STDIN_FILENO : -1, POLLIN, 0};
    if (::poll(&input, 1, static_cast<int>(std::min<std::int64_t>(left, 1000))) <= 0) continue;
    char key = 0;
    const auto got = ::read(STDIN_FILENO, &key, 1);
    if (got == 0) saved_->has_keys = false;  // nobody types any more
    if (got == 1 && (key == 'q' || key == 'Q')) return false;
  }
}

}  // namespace rbamp::ctl
