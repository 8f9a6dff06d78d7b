#include "ctl/interrupt_cleanup.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace rbamp::ctl {
namespace {

// A handler may touch neither strings nor the heap. Written before the handlers are set, read only by them.
std::array<char, 4096> unfinished{};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

constexpr std::array handled{SIGINT, SIGTERM, SIGHUP};

extern "C" void remove_unfinished(int signal) {
  ::unlink(unfinished.data());
  ::signal(signal, SIG_DFL);  // NOLINT: async-signal-safe, and the default action is what is wanted
  (void)::raise(signal);
}

void set_handlers(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : handled) ::sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptCleanup::InterruptCleanup(const std::string& path) {
  if (path.size() >= unfinished.size()) return;  // longer than any path that can be opened
  std::copy(path.begin(), path.end(), unfinished.begin());
  unfinished.at(path.size()) = '\0';
  set_handlers(remove_unfinished);
}

InterruptCleanup::~InterruptCleanup() { set_handlers(SIG_DFL); }

}  // namespace rbamp::ctl
