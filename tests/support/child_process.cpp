#include "support/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace rbamp::support {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds step{5};

Fd bound_socket(const std::string& path) {
  Fd fd{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the socket's path is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot bind " + path);
  return fd;
}

template <class Condition>
bool wait_until(std::chrono::milliseconds limit, Condition condition) {
  const auto end = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(step);
  }
  return true;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const std::vector<std::string>& environment)
    : notify_(bound_socket(folder_.file("notify"))) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto socket_path = folder_.file("notify");
  const auto log_path = folder_.file("output");
  pid_ = fork();
  if (pid_ == 0) {
    setenv("NOTIFY_SOCKET", socket_path.c_str(), 1);
    unsetenv("JOURNAL_STREAM");
    for (const auto& variable : environment) putenv(strdup(variable.c_str()));
    const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
}

ChildProcess::~ChildProcess() {
  if (!status_) {
    send(SIGKILL);
    (void)wait_for_end(std::chrono::seconds{5});
  }
}

void ChildProcess::take_notifications() {
  std::array<char, 4096> text{};
  for (;;) {
    const auto size = recv(notify_.get(), text.data(), text.size(), 0);
    if (size <= 0) return;
    notifications_.append(text.data(), static_cast<std::size_t>(size)).push_back('\n');
  }
}

bool ChildProcess::wait_for_notify(const std::string& text, std::chrono::milliseconds limit) {
  return wait_until(limit, [&] {
    take_notifications();
    return notifications_.find(text) != std::string::npos;
  });
}

bool ChildProcess::wait_for_output(const std::string& text, std::chrono::milliseconds limit) {
  return wait_until(limit, [&] { return output().find(text) != std::string::npos; });
}

std::optional<int> ChildProcess::wait_for_end(std::chrono::milliseconds limit) {
  (void)wait_until(limit, [&] {
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_)
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_.has_value();
  });
  take_notifications();
  return status_;
}

void ChildProcess::send(int signal) const { kill(pid_, signal); }

std::string ChildProcess::output() const {
  std::ifstream in{folder_.file("output")};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace rbamp::support
