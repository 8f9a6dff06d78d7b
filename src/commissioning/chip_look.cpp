#include "commissioning/chip_look.hpp"

#include <algorithm>
#include <array>

#include "commissioning/agreed_read.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using fleet::BusStation;
using fleet::Effort;

namespace {

Result<bool> bursts_work(BusStation& bus, I2cAddress address, const protocol::IdentityBytes& burst) {
  std::array<std::uint8_t, 5> single{};
  if (auto read = bus.read_bytewise(address, protocol::identity_start, single, Effort::stubborn); !read)
    return failure(std::move(read.error()));
  return std::equal(single.begin(), single.end(), burst.begin());
}

}  // namespace

std::string name_of(const BusStation& bus, I2cAddress address) {
  return "module " + to_string(address) + " on bus \"" + bus.name() + "\"";
}

Result<ChipLook> look_at(BusStation& bus, I2cAddress address, Effort effort) {
  std::array<std::uint8_t, 1> version{};
  // VERSION first: older register maps reuse the identity addresses (D4).
  if (auto read = bus.read(address, reg::version, version, effort); !read) {
    auto error = std::move(read.error());
    if (error.is(Errc::bus_nack))
      error.detail = "nobody answers at address " + to_string(address) + " on bus \"" + bus.name() + "\"";
    return failure(std::move(error));
  }
  const auto burst = read_agreed(
      [&]() -> Result<protocol::IdentityBytes> {
        protocol::IdentityBytes bytes{};
        if (auto read = bus.read(address, protocol::identity_start, bytes, Effort::stubborn); !read)
          return failure(std::move(read.error()));
        return bytes;
      },
      [](const auto& a, const auto& b) { return protocol::same_identity(a, b); }, name_of(bus, address));
  if (!burst) return failure(burst.error());
  ChipLook look{protocol::classify(version[0], *burst), false};
  if (look.chip.kind != protocol::ChipKind::rbamp) return look;
  const auto works = bursts_work(bus, address, *burst);
  if (!works) return failure(works.error());
  look.bytewise = !*works;
  return look;
}

}  // namespace rbamp::commissioning
