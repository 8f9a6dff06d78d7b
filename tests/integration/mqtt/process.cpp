#include "process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace rbamp::support {

Process::Process(const std::vector<std::string>& command, const std::string& output_file) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  // The loop of the test has signals blocked; the child must not inherit that, or SIGTERM would not end it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const int outcome = posix_spawnp(&pid_, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (outcome != 0) {
    pid_ = -1;
    throw std::runtime_error("cannot start " + command[0] + ": is it installed?");
  }
}

Process::~Process() {
  if (!is_running()) return;
  kill(pid_, SIGKILL);
  wait();
}

void Process::signal(int number) const {
  if (is_running()) kill(pid_, number);
}

int Process::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void run(const std::vector<std::string>& command, const std::string& output_file) {
  Process process{command, output_file};
  if (process.wait() == 0) return;
  std::ifstream file{output_file};
  throw std::runtime_error(command[0] +
                           " failed: " + std::string{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}});
}

}  // namespace rbamp::support
