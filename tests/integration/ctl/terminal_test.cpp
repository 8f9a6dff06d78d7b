// The built program on a terminal: a pseudo terminal, as a person has it.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "ctl/table.hpp"
#include "desk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;

namespace {

/// What the program writes to a terminal of that width, its environment and what a person types given.
Outcome on_terminal(unsigned short columns, const std::vector<std::string>& environment,
                    const std::vector<std::string>& arguments, const std::string& typed = {}) {
  winsize size{};
  size.ws_row = 24;
  size.ws_col = columns;
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(child >= 0);
  if (child == 0) {
    std::vector<char*> argv;
    std::string program = RBAMPCTL_PROGRAM;
    std::vector<std::string> words = arguments;
    argv.push_back(program.data());
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::vector<std::string> settings = environment;
    std::vector<char*> envp;
    for (auto& setting : settings) envp.push_back(setting.data());
    envp.push_back(nullptr);
    ::execve(program.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  if (!typed.empty()) REQUIRE(::write(terminal, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
  Outcome outcome;
  std::array<char, 4096> piece{};
  for (ssize_t got = 0; (got = ::read(terminal, piece.data(), piece.size())) > 0;)
    outcome.out.append(piece.data(), static_cast<std::size_t>(got));
  ::close(terminal);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

const std::vector<std::string> usual{"LC_ALL=C.UTF-8", "TERM=xterm-256color"};

}  // namespace

TEST_CASE("a plot is as wide as the terminal, coloured unless it must not be, and drawn with what the locale has") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{60}, minutes{15});
  const std::vector<std::string> command{
      "history", "year", "--from", "2026", "--plot", "--config", desk.folder.file("rbampd.toml")};
  const auto wide = on_terminal(120, usual, command);
  const auto narrow = on_terminal(60, usual, command);
  CHECK(wide.status == 0);
  CHECK(wide.says("\x1b[32m"));
  CHECK(wide.says("█"));
  CHECK(wide.out.size() > narrow.out.size());
  for (const auto& line : lines_of(narrow.out)) CHECK(ctl::display_width(line) <= 60 + std::string{"\x1b[32m\x1b[0m"}.size());
  CHECK(!on_terminal(80, {"LC_ALL=C.UTF-8", "TERM=xterm", "NO_COLOR=1"}, command).says("\x1b"));
  CHECK(!on_terminal(80, {"LC_ALL=C.UTF-8", "TERM=dumb"}, command).says("\x1b"));
  const auto plain = on_terminal(80, {"LC_ALL=C", "TERM=xterm"}, command);
  CHECK(plain.says("##"));
  CHECK(!plain.says("█"));
}

TEST_CASE("on a terminal a person is asked, and verify shows that it works") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  const std::vector<std::string> shared{"--config", desk.folder.file("rbampd.toml")};
  std::vector<std::string> command{"adjust", "m0", "ch0", "--import", "5", "--reason", "test", shared[0], shared[1]};
  const auto no = on_terminal(80, usual, command, "n\n");
  CHECK(no.status == 1);
  CHECK(no.says("Book it with the reason \"test\"? [y/N]"));
  const auto yes = on_terminal(80, usual, command, "y\n");
  CHECK(yes.status == 0);
  CHECK(yes.says("Booked:"));
  const auto verify = on_terminal(80, usual, {"verify", shared[0], shared[1]});
  CHECK(verify.says("checking the pages of the file ..."));
  CHECK(verify.says("sound."));
}
