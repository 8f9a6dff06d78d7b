#include "commissioning/bus_scan.hpp"

#include <algorithm>
#include <array>

#include "protocol/settings.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using fleet::BusStation;
using fleet::Effort;

namespace {

constexpr std::uint8_t first_address = 0x08;
constexpr std::uint8_t last_address = 0x77;
constexpr int rounds = 3;
constexpr unsigned most_timeouts = 3;  // in a row, at 100 ms each: more would be waiting for nothing
constexpr std::size_t too_many = 64;   // of 112: nobody has that many chips, so SDA is held low and acknowledges everything

tl::unexpected<Error> stuck(const BusStation& bus, const std::string& why) {
  return failure(Errc::bus_timeout, Remedy::give_up,
                 "bus \"" + bus.name() + "\" is stuck: " + why +
                     ". Unplug the modules one by one until it is free; check SDA, SCL, pull-ups and supply");
}

/// Asks addresses for their VERSION; notes who answers.
class Roll {
 public:
  explicit Roll(BusStation& bus) : bus_(bus) {}

  Result<void> call() {
    std::vector<I2cAddress> silent;
    for (unsigned address = first_address; address <= last_address; ++address)
      silent.emplace_back(static_cast<std::uint8_t>(address));
    asked_ = static_cast<unsigned>(silent.size());
    for (int i = 0; i < rounds; ++i) {
      std::vector<I2cAddress> still_silent;
      for (const auto address : silent) {
        const auto answered = ask(address);
        if (!answered) return failure(answered.error());
        (*answered ? present_ : still_silent).push_back(address);
      }
      silent = std::move(still_silent);
    }
    std::sort(present_.begin(), present_.end());
    if (present_.size() > too_many) return stuck(bus_, "nearly every address seems to answer, as when SDA is held low");
    if (present_.empty() && has_only_trouble_) return failure(last_trouble_);
    return {};
  }

  [[nodiscard]] const std::vector<I2cAddress>& present() const { return present_; }
  [[nodiscard]] unsigned asked() const { return asked_; }

 private:
  Result<bool> ask(I2cAddress address) {
    std::array<std::uint8_t, 1> version{};
    auto read = bus_.read(address, reg::version, version, Effort::once);
    if (read) return true;
    const auto& error = read.error();
    if (error.is(Errc::bus_nack)) {
      has_only_trouble_ = false;
      timeouts_ = 0;
      return false;
    }
    if (error.is(Errc::bus_timeout) && ++timeouts_ >= most_timeouts) return stuck(bus_, error.detail);
    if (error.remedy == Remedy::reinitialise || error.remedy == Remedy::give_up) return failure(error);
    last_trouble_ = error;  // some adapters say "I/O error" where they mean "not acknowledged"
    return false;
  }

  BusStation& bus_;
  std::vector<I2cAddress> present_;
  unsigned asked_ = 0;
  unsigned timeouts_ = 0;
  bool has_only_trouble_ = true;
  Error last_trouble_;
};

Answer look_closer(BusStation& bus, I2cAddress address) {
  Answer answer;
  answer.address = address;
  auto look = fleet::look_at(bus, address, Effort::stubborn);
  if (!look) {
    answer.error = std::move(look.error());
    return answer;
  }
  answer.look = std::move(*look);
  if (!answer.is_module()) return answer;
  std::array<std::uint8_t, 1> code{};
  std::array<std::uint8_t, 1> sensor_class{};
  if (auto read = bus.read(address, reg::error, code, Effort::stubborn); !read) {
    answer.error = std::move(read.error());
    return answer;
  }
  answer.problem = static_cast<protocol::ErrorCode>(code[0]);
  if (auto read = bus.read(address, reg::sensor_class, sensor_class, Effort::stubborn); !read) {
    answer.error = std::move(read.error());
    return answer;
  }
  // The flash error disappears with the first write of anybody (D47); a class that is not set stays.
  answer.is_new = answer.problem == protocol::ErrorCode::flash_params_bad ||
                  sensor_class[0] == static_cast<std::uint8_t>(protocol::SensorClass::unset);
  return answer;
}

}  // namespace

Result<BusScan> scan_bus(BusStation& bus) {
  const BootTime begin = bus.clock().boot_now();
  if (auto opened = bus.open(); !opened) return failure(std::move(opened.error()));
  Roll roll{bus};
  if (auto called = roll.call(); !called) return failure(std::move(called.error()));
  BusScan scan;
  scan.asked = roll.asked();
  for (const auto address : roll.present()) scan.answers.push_back(look_closer(bus, address));
  scan.took = bus.clock().boot_now() - begin;
  return scan;
}

}  // namespace rbamp::commissioning
