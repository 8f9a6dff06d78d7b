// The real system calls, as far as a machine without an I2C adapter has them.
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "bus/linux_i2c_bus.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::bus;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A file that is removed at the end.
class ScratchFile {
 public:
  ScratchFile() {
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    ::close(fd);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/rbampd-i2c-XXXXXX";
};

}  // namespace

TEST_CASE("the kernel says that /dev/null is no I2C adapter") {
  KernelClock clock;
  const auto bus = LinuxI2cBus::open("/dev/null", clock);
  REQUIRE_FALSE(bus);
  CHECK(bus.error().is(Errc::bus_missing));
  CHECK(bus.error().remedy == Remedy::give_up);
  CHECK(contains(bus.error().detail, "/dev/null is no I2C adapter"));
}

TEST_CASE("the kernel says that a device does not exist") {
  KernelClock clock;
  const auto bus = LinuxI2cBus::open("/dev/i2c-4711", clock);
  REQUIRE_FALSE(bus);
  CHECK(bus.error().is(Errc::bus_missing));
  CHECK(bus.error().remedy == Remedy::reinitialise);
  CHECK(contains(bus.error().detail, "/dev/i2c-4711 does not exist"));
}

TEST_CASE("a folder and a plain file are no adapters either") {
  KernelClock clock;
  CHECK(LinuxI2cBus::open("/tmp", clock).error().is(Errc::bus_missing));
  const ScratchFile file;
  CHECK(contains(LinuxI2cBus::open(file.path(), clock).error().detail, "is no I2C adapter"));
}

TEST_CASE("the lock keeps a second opener out, names it, and ends with its descriptor") {
  const ScratchFile file;
  LinuxI2cKernel kernel;
  Fd first;
  Fd second;
  REQUIRE(kernel.open(file.path(), first) == 0);
  REQUIRE(kernel.open(file.path(), second) == 0);
  REQUIRE(kernel.lock(first) == 0);
  CHECK(kernel.lock(second) == -EWOULDBLOCK);
  const auto holder = kernel.lock_holder(second);
  // Some containers show no lock of their own in /proc/locks: then nobody is named, but never a wrong process.
  if (!holder.empty()) CHECK(contains(holder, "(process " + std::to_string(::getpid()) + ")"));
  first.reset();
  CHECK(kernel.lock(second) == 0);
}

TEST_CASE("an ioctl on a closed device is an error, not a crash") {
  LinuxI2cKernel kernel;
  const Fd closed;
  unsigned long functions = 0;
  CHECK(kernel.functions(closed, functions) == -EBADF);
  CHECK(kernel.set_timeout(closed, 10) == -EBADF);
  CHECK(kernel.set_retries(closed, 0) == -EBADF);
  CHECK(kernel.lock(closed) == -EBADF);
  CHECK(kernel.lock_holder(closed).empty());
}
