#include "ctl/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace rbamp::ctl {
namespace {

constexpr unsigned narrowest = 20;

unsigned width_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= narrowest) return size.ws_col;
  return 80;
}

/// Only the main thread runs when the environment is read, so it cannot change under our hands.
std::string_view environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

}  // namespace

Terminal Terminal::of_process() {
  Terminal terminal{std::cin, std::cout, std::cerr};
  terminal.is_terminal = ::isatty(STDOUT_FILENO) == 1;
  terminal.can_ask = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  if (terminal.is_terminal) terminal.width = width_of(STDOUT_FILENO);
  terminal.has_colour = terminal.is_terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  (void)std::setlocale(LC_CTYPE, "");                                        // NOLINT(concurrency-mt-unsafe)
  terminal.has_unicode = std::string_view{nl_langinfo(CODESET)} == "UTF-8";  // NOLINT(concurrency-mt-unsafe)
  return terminal;
}

bool Terminal::confirms(const std::string& question) const {
  err << question << " [y/N] " << std::flush;
  std::string answer;
  if (!std::getline(in, answer)) {
    err << '\n';
    return false;
  }
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes";
}

std::optional<std::string> Terminal::asks(const std::string& question) const {
  err << question << ' ' << std::flush;
  std::string line;
  if (!std::getline(in, line)) {
    err << '\n';
    return std::nullopt;
  }
  line.erase(line.find_last_not_of(" \t\r") + 1);
  line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

}  // namespace rbamp::ctl
