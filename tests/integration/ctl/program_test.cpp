// The built program: its help, its exit statuses, its speed, its behaviour as a member of a pipe.
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "ctl/command_list.hpp"
#include "desk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

/// What a shell sees.
Outcome shell(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) outcome.out.append(piece.data(), got);
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

std::string page(const std::string& name) {
  std::ifstream file{std::string{RBAMP_SOURCE_DIR} + "/" + name};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  // As the manual page shows it.
  for (const std::string mark : {"\\-", "\\(aq", "\\e"}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
      text.replace(at, mark.size(), mark == "\\-" ? "-" : mark == "\\(aq" ? "'" : "\\");
  }
  return text;
}

/// What the handbook says below the heading that names the command, up to the next one.
std::string section_about(const std::string& handbook, const std::string& command) {
  std::size_t at = 0;
  while ((at = handbook.find("\n## ", at)) != std::string::npos) {
    const auto end_of_heading = handbook.find('\n', at + 1);
    // With a comma behind it, so that "set" is not found in "reset".
    if ((handbook.substr(at, end_of_heading - at) + ",").find("rbampctl " + command + ",") != std::string::npos)
      return handbook.substr(end_of_heading, handbook.find("\n## ", end_of_heading) - end_of_heading);
    at = end_of_heading;
  }
  return {};
}

}  // namespace

TEST_CASE("every command and every option of it has help with an example, and stands in both manuals") {
  CLI::App app;
  ctl::CommandLine line{app};
  ctl::add_all_commands(line);
  const std::string handbook = page("docs/rbampctl.md");
  const std::string manual = page("docs/man/rbampctl.1");
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    INFO(command->get_name());
    CHECK(command->get_description().size() > 20);
    CHECK(command->get_footer().find("rbampctl " + command->get_name()) != std::string::npos);
    CHECK(handbook.find("rbampctl " + command->get_name()) != std::string::npos);
    CHECK(manual.find("rbampctl " + command->get_name()) != std::string::npos);
    for (const auto* option : command->get_options()) {
      CHECK(!option->get_description().empty());
      for (const auto& name : option->get_lnames()) {
        if (name == "help") continue;
        INFO("--" << name);
        CHECK(handbook.find("--" + name) != std::string::npos);
        CHECK(manual.find("--" + name) != std::string::npos);
      }
    }
  }
}

TEST_CASE("the handbook says of every command what it answers in JSON") {
  CLI::App app;
  ctl::CommandLine line{app};
  ctl::add_all_commands(line);
  const std::string handbook = page("docs/rbampctl.md");
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    INFO(command->get_name());
    const auto section = section_about(handbook, command->get_name());
    CHECK((section.find("JSON") != std::string::npos || section.find("--json") != std::string::npos));
  }
}

TEST_CASE("the program answers help and version with 0, and wrong words with 64") {
  const std::string program = RBAMPCTL_PROGRAM;
  CHECK(shell(program + " --help").says("verify"));
  CHECK(shell(program + " --help").status == 0);
  CHECK(shell(program + " --version").out.starts_with("rbampctl "));
  CHECK(shell(program + " history --help").says("Example:"));
  CHECK(shell(program).status == 64);
  CHECK(shell(program + " histroy").status == 64);
  CHECK(shell("( " + program + " --json histroy 2>&1 )").says("there is no command \"histroy\""));
  CHECK(shell(program + " verify --nonsense").status == 64);
}

TEST_CASE("the shell completes what a command can do, and the variants of modules") {
  const std::string complete = std::string{RBAMPCTL_PROGRAM} + " __complete ";
  CHECK(lines_of(shell(complete + "homeassistant ''").out) == std::vector<std::string>{"diff", "forget", "adopt"});
  CHECK(lines_of(shell(complete + "read 0x50 --legacy I").out) == std::vector<std::string>{"I1", "I2", "I3"});
}

TEST_CASE("a reader that goes away ends an export quietly, a full disk does not") {
  Desk desk;
  desk.open();
  desk.meter(hours{20});
  const std::string program = std::string{RBAMPCTL_PROGRAM} + " --config " + desk.folder.file("rbampd.toml");
  CHECK(lines_of(shell(program + " export | head -n 3").out).size() == 3);
  CHECK(shell(program + " export > /dev/full").status == 74);
  CHECK(shell(program + " history --json > /dev/full").status == 74);
}

TEST_CASE("a question is answered fast, from the start of the program to its end") {
  Desk desk{16, 3};
  desk.open();
  desk.meter(hours{48}, minutes{15});
  desk.close();
  const std::string command = std::string{RBAMPCTL_PROGRAM} + " --config " + desk.folder.file("rbampd.toml") +
                              " history quarter-hour --channel m7/ch1 --from 2026-01-06 --to 2026-01-06";
  auto best = std::chrono::nanoseconds::max();
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(lines_of(shell(command).out).size() == 99);
    best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - begin);
  }
  // 30 ms is what a release build takes at most on a small machine; this may be a debug build with sanitizers on a busy one.
  CHECK(best < std::chrono::milliseconds{1500});
}
