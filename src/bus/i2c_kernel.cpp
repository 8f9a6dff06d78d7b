#include "bus/i2c_kernel.hpp"

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rbamp::bus {
namespace {

int result_of(int returned) { return returned < 0 ? -errno : returned; }

template <class T>
bool parse_number(std::string_view text, T& value, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

int LinuxI2cKernel::open(const std::string& device, Fd& into) {
  // O_NONBLOCK and O_NOCTTY mean nothing to i2c-dev; they keep a path that is in truth a terminal from holding us up.
  const int fd = ::open(device.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return -errno;
  into = Fd{fd};
  return 0;
}

int LinuxI2cKernel::functions(const Fd& fd, unsigned long& into) { return result_of(::ioctl(fd.get(), I2C_FUNCS, &into)); }

int LinuxI2cKernel::set_timeout(const Fd& fd, unsigned long centiseconds) {
  return result_of(::ioctl(fd.get(), I2C_TIMEOUT, centiseconds));
}

int LinuxI2cKernel::set_retries(const Fd& fd, unsigned long count) { return result_of(::ioctl(fd.get(), I2C_RETRIES, count)); }

int LinuxI2cKernel::lock(const Fd& fd) { return result_of(::flock(fd.get(), LOCK_EX | LOCK_NB)); }

int LinuxI2cKernel::transfer(const Fd& fd, std::vector<i2c_msg>& messages) {
  i2c_rdwr_ioctl_data data{.msgs = messages.data(), .nmsgs = static_cast<__u32>(messages.size())};
  return result_of(::ioctl(fd.get(), I2C_RDWR, &data));
}

std::string LinuxI2cKernel::lock_holder(const Fd& fd) {
  struct stat file {};
  if (::fstat(fd.get(), &file) != 0) return {};
  std::ifstream locks{"/proc/locks"};  // hidden inside the service's sandbox: then the holder stays nameless
  const int pid = find_lock_holder(locks, major(file.st_dev), minor(file.st_dev), file.st_ino);
  if (pid == 0) return {};
  std::string name;
  std::ifstream comm{"/proc/" + std::to_string(pid) + "/comm"};
  std::getline(comm, name);
  return (name.empty() ? std::string{"another program"} : name) + " (process " + std::to_string(pid) + ")";
}

std::vector<std::string> LinuxI2cKernel::devices() {
  std::vector<std::string> found;
  std::error_code ignored;  // no /dev to look into: then there is nothing to suggest
  for (const auto& entry : std::filesystem::directory_iterator{"/dev", ignored}) {
    if (entry.path().filename().string().starts_with("i2c-")) found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  return found;
}

int find_lock_holder(std::istream& locks, unsigned major, unsigned minor, std::uint64_t inode) {
  // "1: FLOCK  ADVISORY  WRITE 4711 00:05:678 0 EOF"; a line "1: -> FLOCK ..." is somebody who waits.
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words{line};
    std::string number;
    std::string kind;
    std::string advisory;
    std::string access;
    std::string pid_text;
    std::string where;
    if (!(words >> number >> kind >> advisory >> access >> pid_text >> where) || kind != "FLOCK") continue;
    const auto first = where.find(':');
    const auto second = where.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) continue;
    const std::string_view place{where};
    unsigned at_major = 0;
    unsigned at_minor = 0;
    std::uint64_t at_inode = 0;
    int pid = 0;
    if (parse_number(place.substr(0, first), at_major, 16) &&
        parse_number(place.substr(first + 1, second - first - 1), at_minor, 16) &&
        parse_number(place.substr(second + 1), at_inode, 10) && parse_number(std::string_view{pid_text}, pid, 10) &&
        at_major == major && at_minor == minor && at_inode == inode) {
      return pid > 0 ? pid : 0;
    }
  }
  return 0;
}

}  // namespace rbamp::bus
