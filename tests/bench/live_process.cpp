#include "bench/live_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/fd.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::bench {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// "name: value" out of a file of /proc.
double proc_value(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(name + ":", 0) == 0) return std::stod(line.substr(name.size() + 1));
  }
  return 0.0;
}

double voluntary_switches(pid_t pid) {
  double sum = 0.0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    sum += proc_value(task.path() / "status", "voluntary_ctxt_switches");
  }
  return sum;
}

double cpu_ms(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(in, text);
  std::istringstream rest{text.substr(text.rfind(')') + 2)};
  std::string field;
  double ticks = 0.0;
  for (int i = 3; rest >> field; ++i) {
    if (i == 14 || i == 15) ticks += std::stod(field);
  }
  return ticks * 1000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Fd notify_socket(const std::string& path) {
  Fd fd{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot bind " + path);
  return fd;
}

void write_config(const std::filesystem::path& file, const std::filesystem::path& database, const std::string& extra) {
  std::ofstream out{file};
  out << "[daemon]\nperiod = \"1s\"\n[storage]\npath = \"" << database.string()
      << "\"\n[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n";
  for (int i = 0; i < 3; ++i) {
    out << "[[module]]\nid = \"m" << i << "\"\naddress = " << 0x50 + i << "\nrole = \"load\"\n";
    out << "[[simulator.module]]\naddress = " << 0x50 + i << "\nvariant = \"UI3\"\nbroadcast = true\n";
  }
  out << extra;
}

}  // namespace

ProcessReport run_process(const std::string& program, int seconds, const std::string& extra_toml) {
  const support::TemporaryDirectory folder;
  const auto config = folder.path() / "bench.toml";
  write_config(config, folder.path() / "energy.db", extra_toml);
  const auto socket_path = (folder.path() / "notify").string();
  const auto notify = notify_socket(socket_path);

  const auto begin = Clock::now();
  const pid_t pid = fork();
  if (pid == 0) {
    setenv("NOTIFY_SOCKET", socket_path.c_str(), 1);
    const Fd null{open("/dev/null", O_WRONLY)};
    dup2(null.get(), STDERR_FILENO);
    execl(program.c_str(), program.c_str(), "--config", config.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  ProcessReport report;
  for (char text[4096]; report.ready_ms == 0.0;) {
    const auto size = recv(notify.get(), text, sizeof text - 1, 0);
    if (size <= 0) throw std::runtime_error("the daemon did not get ready");
    text[size] = 0;
    if (std::strstr(text, "READY=1") != nullptr) report.ready_ms = milliseconds_since(begin);
  }
  std::this_thread::sleep_for(std::chrono::seconds{3});  // past the start
  const auto proc = std::filesystem::path{"/proc"} / std::to_string(pid);
  const double cpu = cpu_ms(pid);
  const double switches = voluntary_switches(pid);
  const double written = proc_value(proc / "io", "wchar");
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
  report.cpu_ms_per_period = (cpu_ms(pid) - cpu) / seconds;
  report.wakeups_per_s = (voluntary_switches(pid) - switches) / seconds;
  report.disk_bytes_per_period = (proc_value(proc / "io", "wchar") - written) / seconds;
  report.resident_mb = proc_value(proc / "status", "VmRSS") / 1024.0;
  const auto stop = Clock::now();
  kill(pid, SIGTERM);
  int status = 0;
  waitpid(pid, &status, 0);
  report.stop_ms = milliseconds_since(stop);
  if (status != 0) throw std::runtime_error("the daemon ended with status " + std::to_string(status));
  return report;
}

}  // namespace rbamp::bench
