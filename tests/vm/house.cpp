// Answers the kernel's I2C adapter rbamp_house_i2c with the simulated modules of a configuration, and pulls their DRDY lines through
// gpio-sim. For the machine tests. Runs until it is killed; the modules keep their state in [simulator].state_file.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "config/config.hpp"
#include "simulator/house.hpp"

namespace {

using namespace rbamp;

constexpr std::uint16_t is_read = 1;  // I2C_M_RD

struct Head {
  std::uint32_t number;
  std::uint32_t count;
};
struct Message {
  std::uint16_t address;
  std::uint16_t flags;
  std::uint16_t length;
};
struct Answer {
  std::uint32_t number;
  std::int32_t status;
};

int status_of(const Result<void>& result) {
  if (result) return 0;
  const auto& error = result.error();
  if (error.is(Errc::bus_nack)) return -ENXIO;
  if (error.is(Errc::bus_arbitration)) return -EAGAIN;
  return error.is(Errc::bus_timeout) ? -ETIMEDOUT : -EIO;
}

/// What rbampd says on a bus: a write, or a register's address and a read. Anything else is not supported by the house.
int carry_out(bus::I2cBus& house, std::span<const Message> messages, std::span<const std::uint8_t> written,
              std::vector<std::uint8_t>& read) {
  const I2cAddress to{static_cast<std::uint8_t>(messages[0].address)};
  if (messages.size() == 1 && (messages[0].flags & is_read) == 0) return status_of(house.write(to, written));
  if (messages.size() == 2 && (messages[1].flags & is_read) != 0 && written.size() == 1) {
    read.resize(messages[1].length);
    return status_of(house.read(to, written[0], read));
  }
  return -EOPNOTSUPP;
}

void answer_for_ever(int adapter, bus::I2cBus& house) {
  std::vector<std::uint8_t> request(16'384);
  for (;;) {
    const auto size = ::read(adapter, request.data(), request.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < static_cast<ssize_t>(sizeof(Head))) return;
    Head head{};
    std::memcpy(&head, request.data(), sizeof head);
    std::array<Message, 2> messages{};
    if (head.count == 0 || head.count > messages.size()) return;
    std::memcpy(messages.data(), request.data() + sizeof head, head.count * sizeof(Message));
    const std::size_t begin = sizeof head + head.count * sizeof(Message);
    std::vector<std::uint8_t> read;
    const int status = carry_out(house, std::span{messages}.first(head.count),
                                 std::span{request}.subspan(begin, static_cast<std::size_t>(size) - begin), read);
    const Answer answer{head.number, status};
    if (status != 0) read.clear();
    std::vector<std::uint8_t> bytes(sizeof answer + read.size());
    std::memcpy(bytes.data(), &answer, sizeof answer);
    std::copy(read.begin(), read.end(), bytes.begin() + sizeof answer);
    if (::write(adapter, bytes.data(), bytes.size()) < 0 && errno != ESTALE) return;
  }
}

void pull(int line, const char* where) {
  if (::pwrite(line, where, std::strlen(where), 0) < 0) std::cerr << "DRDY line: " << std::strerror(errno) << '\n';
}

void drive_for_ever(simulator::SimulatedDrdy& drdy, int line) {
  for (;;) {
    pollfd one{drdy.fd(), POLLIN, 0};
    if (::poll(&one, 1, -1) < 0 && errno != EINTR) return;
    const auto edges = drdy.drain();
    if (!edges || edges->count == 0) continue;
    pull(line, "pull-down");  // a pulse lasts 10 µs (protocol 9.5): no longer than two writes can make it
    pull(line, "pull-up");
  }
}

/// A line of gpio-sim, and the modules on it, as the configuration counts them.
struct Wiring {
  std::string pull_file;
  std::vector<std::size_t> modules;
};

/// "FILE=0,1".
Wiring parse_wiring(const std::string& text) {
  const auto equals = text.find('=');
  Wiring wiring{text.substr(0, equals), {}};
  if (equals == std::string::npos) return wiring;
  std::istringstream numbers{text.substr(equals + 1)};
  for (std::string number; std::getline(numbers, number, ',');) wiring.modules.push_back(std::stoul(number));
  return wiring;
}

int run(const std::string& config_file, const std::vector<Wiring>& lines) {
  const auto loaded = config::load(config_file);
  for (const auto& problem : loaded.problems) std::cerr << to_string(problem) << '\n';
  if (!loaded.problems.empty()) return 78;
  KernelClock clock;
  auto world = simulator::build_house(loaded.config.simulator, clock);
  if (!world) {
    std::cerr << world.error().detail << '\n';
    return 1;
  }
  auto* house = (*world)->bus("main");
  const Fd adapter{::open("/dev/rbamp_house", O_RDWR | O_CLOEXEC)};
  if (house == nullptr || !adapter.is_open()) {
    std::cerr << "no simulated bus \"main\", or no /dev/rbamp_house: " << std::strerror(errno) << '\n';
    return 1;
  }
  for (const auto& wiring : lines) {
    Fd line{::open(wiring.pull_file.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!line.is_open()) {
      std::cerr << wiring.pull_file << ": " << std::strerror(errno) << '\n';
      return 1;
    }
    std::thread{[drdy = (*world)->drdy(wiring.modules, simulator::DrdyWake::by_timer), line = std::move(line)] {
      drive_for_ever(*drdy, line.get());
    }}.detach();
  }
  answer_for_ever(adapter.get(), *house);
  std::cerr << "the adapter is gone: " << std::strerror(errno) << '\n';
  std::_Exit(1);  // the other threads run for ever
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "Usage: rbamp_vm_house CONFIG [PULL-FILE=MODULE[,MODULE...]]...\n";
    return 64;
  }
  std::vector<Wiring> lines;
  for (int i = 2; i < argc; ++i) lines.push_back(parse_wiring(argv[i]));
  return run(argv[1], lines);
}
