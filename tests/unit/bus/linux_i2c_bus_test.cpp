#include "bus/linux_i2c_bus.hpp"

#include <array>
#include <cerrno>
#include <sstream>

#include "fake_kernel.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::bus;
using namespace std::chrono_literals;
using rbamp::test::FakeDevice;
using rbamp::test::FakeKernel;
using rbamp::test::Message;

namespace {

constexpr I2cAddress mains{0x50};

struct Site {
  ManualClock clock;
  FakeDevice device;
  Result<std::unique_ptr<LinuxI2cBus>> bus = LinuxI2cBus::open("/dev/i2c-1", clock, std::make_unique<FakeKernel>(device));
};

Error open_failure(FakeDevice& device, const std::string& path = "/dev/i2c-1") {
  ManualClock clock;
  auto bus = LinuxI2cBus::open(path, clock, std::make_unique<FakeKernel>(device));
  REQUIRE_FALSE(bus);
  return bus.error();
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("opening locks the device, bounds the timeout and lets nothing be retried behind our back") {
  Site site;
  REQUIRE(site.bus);
  CHECK(site.device.opened == "/dev/i2c-1");
  CHECK(site.device.locks == 1);
  CHECK(site.device.timeouts == std::vector<unsigned long>{10});
  CHECK(site.device.retries == std::vector<unsigned long>{0});
  CHECK(site.device.transfers.empty());
  CHECK((*site.bus)->describe() == "/dev/i2c-1");
  CHECK((*site.bus)->capabilities().plain_i2c);
  CHECK((*site.bus)->capabilities().general_call);
}

TEST_CASE("a timeout is rounded up to the kernel's 10 ms and never becomes zero") {
  ManualClock clock;
  FakeDevice device;
  REQUIRE(LinuxI2cBus::open("/dev/i2c-1", clock, std::make_unique<FakeKernel>(device), {.timeout = 101ms, .gap = 0us}));
  REQUIRE(LinuxI2cBus::open("/dev/i2c-1", clock, std::make_unique<FakeKernel>(device), {.timeout = 0us, .gap = 0us}));
  CHECK(device.timeouts == std::vector<unsigned long>{11, 1});
}

TEST_CASE("a stand-in without timeout and retry calls is used all the same") {
  FakeDevice device;
  device.tuning_error = ENOTTY;
  ManualClock clock;
  CHECK(LinuxI2cBus::open("/dev/i2c-1", clock, std::make_unique<FakeKernel>(device)));
}

TEST_CASE("TV1: a read is one transaction of pointer write and repeated-start read") {
  Site site;
  site.device.answer = {0x01, 0x01, 0x00, 0x9E, 0x07};
  std::array<std::uint8_t, 5> identity{};
  REQUIRE((*site.bus)->read(mains, 0x54, identity));
  CHECK(identity == std::array<std::uint8_t, 5>{0x01, 0x01, 0x00, 0x9E, 0x07});
  REQUIRE(site.device.transfers.size() == 1);
  CHECK(site.device.transfers[0] == std::vector<Message>{{.address = 0x50, .flags = 0, .bytes = {0x54}, .length = 1},
                                                         {.address = 0x50, .flags = I2C_M_RD, .bytes = {}, .length = 5}});
}

TEST_CASE("TV4: the live block is one read of 56 bytes, which SMBus could not do") {
  Site site;
  site.device.answer.assign(56, 0xAB);
  std::array<std::uint8_t, 56> block{};
  REQUIRE((*site.bus)->read(mains, 0x86, block));
  CHECK(site.device.transfers.at(0).at(1).length == 56);
  CHECK(block.back() == 0xAB);
}

TEST_CASE("TV5 and TV7: a command is one message, and so is a general call to address 0") {
  Site site;
  REQUIRE((*site.bus)->write(mains, std::array<std::uint8_t, 2>{0x01, 0x27}));
  REQUIRE((*site.bus)->write(general_call, std::array<std::uint8_t, 5>{0xA5, 0x27, 0x00, 0x2A, 0x00}));
  REQUIRE(site.device.transfers.size() == 2);
  CHECK(site.device.transfers[0] == std::vector<Message>{{.address = 0x50, .flags = 0, .bytes = {0x01, 0x27}, .length = 2}});
  CHECK(site.device.transfers[1] ==
        std::vector<Message>{{.address = 0x00, .flags = 0, .bytes = {0xA5, 0x27, 0x00, 0x2A, 0x00}, .length = 5}});
}

TEST_CASE("at least 100 µs lie between two transactions, and no more than is missing is waited") {
  Site site;
  std::array<std::uint8_t, 1> byte{};
  const BootTime start = site.clock.boot_now();
  REQUIRE((*site.bus)->read(mains, 0x00, byte));
  CHECK(site.clock.boot_now() == start);  // nothing before the first

  REQUIRE((*site.bus)->read(mains, 0x00, byte));
  CHECK(site.clock.boot_now() == start + 100us);

  site.clock.advance(70us);  // our own work counts
  REQUIRE((*site.bus)->write(mains, std::array<std::uint8_t, 2>{0x2A, 0x01}));
  CHECK(site.clock.boot_now() == start + 200us);

  site.clock.advance(5ms);
  REQUIRE((*site.bus)->read(mains, 0x00, byte));
  CHECK(site.clock.boot_now() == start + 200us + 5ms);
}

TEST_CASE("a failed transaction keeps the gap too") {
  Site site;
  std::array<std::uint8_t, 1> byte{};
  site.device.transfer_results = {-ENXIO};
  const BootTime start = site.clock.boot_now();
  CHECK_FALSE((*site.bus)->read(mains, 0x00, byte));
  CHECK((*site.bus)->read(mains, 0x00, byte));
  CHECK(site.clock.boot_now() == start + 100us);
}

TEST_CASE("each errno of a transfer has its code and remedy, and names bus, module and register") {
  struct Case {
    int error_number;
    Errc code;
    Remedy remedy;
    const char* name;
  };
  const auto expected = GENERATE(values<Case>({{ENXIO, Errc::bus_nack, Remedy::retry, "ENXIO"},
                                               {EREMOTEIO, Errc::bus_nack, Remedy::retry, "EREMOTEIO"},
                                               {EAGAIN, Errc::bus_arbitration, Remedy::retry, "EAGAIN"},
                                               {ETIMEDOUT, Errc::bus_timeout, Remedy::retry, "ETIMEDOUT"},
                                               {EBUSY, Errc::bus_timeout, Remedy::retry, "EBUSY"},
                                               {EIO, Errc::bus_io, Remedy::retry, "EIO"},
                                               {EINTR, Errc::bus_io, Remedy::retry, "EINTR"},
                                               {ENOMEM, Errc::bus_io, Remedy::wait, "ENOMEM"},
                                               {EPROTO, Errc::bus_io, Remedy::retry, "EPROTO"},
                                               {ENODEV, Errc::bus_missing, Remedy::reinitialise, "ENODEV"},
                                               {ESHUTDOWN, Errc::bus_missing, Remedy::reinitialise, "ESHUTDOWN"},
                                               {EPERM, Errc::bus_permission, Remedy::give_up, "EPERM"},
                                               {EACCES, Errc::bus_permission, Remedy::give_up, "EACCES"},
                                               {EOPNOTSUPP, Errc::bus_unsupported, Remedy::give_up, "EOPNOTSUPP"}}));
  Site site;
  site.device.transfer_results = {-expected.error_number};
  std::array<std::uint8_t, 56> block{};
  const auto read = (*site.bus)->read(mains, 0x86, block);
  REQUIRE_FALSE(read);
  CAPTURE(read.error().detail);
  CHECK(read.error().is(expected.code));
  CHECK(read.error().remedy == expected.remedy);
  CHECK(contains(read.error().detail, "/dev/i2c-1: module 0x50, read of 56 bytes at 0x86: "));
  CHECK(contains(read.error().detail, expected.name));
}

TEST_CASE("a refused write and a refused general call say which") {
  Site site;
  site.device.transfer_results = {-EREMOTEIO, -ENXIO, -EPERM};
  CHECK((*site.bus)->write(mains, std::array<std::uint8_t, 2>{0x2A, 0x01}).error().detail ==
        "/dev/i2c-1: module 0x50, write to 0x2a: not acknowledged (EREMOTEIO)");
  CHECK((*site.bus)->write(general_call, std::array<std::uint8_t, 5>{0xA5, 0x27, 0, 1, 0}).error().detail ==
        "/dev/i2c-1: general call of 5 bytes: not acknowledged (ENXIO)");
  CHECK(contains((*site.bus)->write(mains, std::array<std::uint8_t, 2>{0x2A, 0x01}).error().detail, "restart the service"));
}

TEST_CASE("an adapter that transferred only half of a transaction has failed") {
  Site site;
  site.device.transfer_results = {1};
  std::array<std::uint8_t, 1> byte{};
  const auto read = (*site.bus)->read(mains, 0x00, byte);
  REQUIRE_FALSE(read);
  CHECK(read.error().is(Errc::bus_io));
}

TEST_CASE("empty and oversized transfers are refused before the kernel sees them") {
  Site site;
  std::vector<std::uint8_t> huge(8193);
  CHECK((*site.bus)->read(mains, 0x00, {}).error().is(Errc::bus_unsupported));
  CHECK((*site.bus)->read(mains, 0x00, huge).error().is(Errc::bus_unsupported));
  CHECK((*site.bus)->write(mains, {}).error().is(Errc::bus_unsupported));
  CHECK((*site.bus)->write(mains, huge).error().is(Errc::bus_unsupported));
  CHECK(site.device.transfers.empty());
}

TEST_CASE("an SMBus-only adapter is refused with the reason and a way out") {
  FakeDevice device;
  device.functions = I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_I2C_BLOCK;
  const auto error = open_failure(device);
  CHECK(error.is(Errc::bus_unsupported));
  CHECK(error.remedy == Remedy::give_up);
  CHECK(contains(error.detail, "SMBus-only"));
  CHECK(device.locks == 0);
}

TEST_CASE("a device that does not exist: what to do, and which ones there are") {
  FakeDevice device;
  device.open_error = ENOENT;
  device.existing = {"/dev/i2c-0", "/dev/i2c-2"};
  auto error = open_failure(device, "/dev/i2c-7");
  CHECK(error.is(Errc::bus_missing));
  CHECK(error.remedy == Remedy::reinitialise);  // a USB adapter may be plugged in later
  CHECK(contains(error.detail, "/dev/i2c-7 does not exist"));
  CHECK(contains(error.detail, "there is /dev/i2c-0 and /dev/i2c-2"));
  CHECK(contains(error.detail, "raspi-config"));
  CHECK(contains(error.detail, "modprobe i2c-dev"));

  device.existing = {};
  CHECK(contains(open_failure(device, "/dev/i2c-7").detail, "no I2C adapter at all"));
}

TEST_CASE("no permission names the group, a device policy asks for a restart") {
  FakeDevice device;
  device.open_error = EACCES;
  auto error = open_failure(device);
  CHECK(error.is(Errc::bus_permission));
  CHECK(error.remedy == Remedy::give_up);
  CHECK(contains(error.detail, "group i2c"));

  device.open_error = EPERM;
  error = open_failure(device);
  CHECK(error.is(Errc::bus_permission));
  CHECK(contains(error.detail, "restart the service"));
}

TEST_CASE("a file that is no I2C adapter is called so") {
  FakeDevice device;
  SECTION("refused by I2C_FUNCS") { device.functions_error = ENOTTY; }
  SECTION("a folder") { device.open_error = EISDIR; }
  const auto error = open_failure(device, "/dev/null");
  CHECK(error.is(Errc::bus_missing));
  CHECK(error.remedy == Remedy::give_up);
  CHECK(contains(error.detail, "/dev/null is no I2C adapter"));
}

TEST_CASE("an adapter node without an adapter may come back") {
  FakeDevice device;
  device.open_error = GENERATE(ENODEV, ENXIO);
  CHECK(open_failure(device).remedy == Remedy::reinitialise);
}

TEST_CASE("a bus that somebody else uses is not opened, and the holder is named") {
  FakeDevice device;
  device.lock_error = EWOULDBLOCK;
  device.holder = "rbampctl (process 4711)";
  auto error = open_failure(device);
  CHECK(error.is(Errc::bus_busy));
  CHECK(error.remedy == Remedy::wait);
  CHECK(contains(error.detail, "/dev/i2c-1 is in use by rbampctl (process 4711)"));
  CHECK(device.timeouts.empty());  // nothing of the other's adapter was changed

  device.holder.clear();
  CHECK(contains(open_failure(device).detail, "in use by another program"));
}

TEST_CASE("the holder of a lock is found in /proc/locks, a waiting process is not taken for it") {
  constexpr std::string_view locks =
      "1: POSIX  ADVISORY  WRITE 100 00:05:678 0 EOF\n"
      "2: FLOCK  ADVISORY  WRITE 200 00:06:678 0 EOF\n"
      "3: FLOCK  ADVISORY  WRITE 4711 00:05:678 0 EOF\n"
      "3: -> FLOCK  ADVISORY  WRITE 300 00:05:678 0 EOF\n"
      "4: FLOCK  ADVISORY  WRITE 400 fe:1a:9 0 EOF\n";
  const auto holder = [](std::string_view text, unsigned major, unsigned minor, std::uint64_t inode) {
    std::istringstream file{std::string{text}};
    return find_lock_holder(file, major, minor, inode);
  };
  CHECK(holder(locks, 0, 5, 678) == 4711);
  CHECK(holder(locks, 0xfe, 0x1a, 9) == 400);
  CHECK(holder(locks, 0, 5, 679) == 0);
  CHECK(holder("garbage\n3: FLOCK a b c d\n3: FLOCK a b 1 x:y:z 0 EOF\n", 0, 0, 0) == 0);
  CHECK(holder("", 0, 5, 678) == 0);
}
