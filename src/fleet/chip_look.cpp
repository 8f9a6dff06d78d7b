#include "fleet/chip_look.hpp"

#include <algorithm>
#include <array>

#include "fleet/block_read.hpp"
#include "protocol/error_code.hpp"

namespace rbamp::fleet {
namespace {

namespace reg = protocol::reg;

Error not_there(Error error, I2cAddress address, const BusStation& bus) {
  if (error.is(Errc::bus_nack)) {
    error.detail = "nobody answers at address " + to_string(address) + " on bus \"" + bus.name() + "\"";
  }
  return error;
}

Result<protocol::IdentityBytes> read_identity(BusStation& bus, I2cAddress address, const Dialect& dialect, Effort effort) {
  return read_agreed<protocol::identity_size>(
      bus, address, protocol::identity_start, dialect, effort, [](ReadBytes a, ReadBytes b) {
        return protocol::same_identity(a.first<protocol::identity_size>(), b.first<protocol::identity_size>());
      });
}

/// D2: a burst of the identity must equal single reads, else this chip (or what is between) cannot do bursts.
Result<bool> bursts_work(BusStation& bus, I2cAddress address, const protocol::IdentityBytes& burst, Effort effort) {
  std::array<std::uint8_t, 5> single{};
  if (auto read = bus.read_bytewise(address, protocol::identity_start, single, effort); !read)
    return failure(std::move(read.error()));
  return std::equal(single.begin(), single.end(), burst.begin());
}

}  // namespace

Result<ChipLook> look_at(BusStation& bus, I2cAddress address, Effort knock, Effort effort) {
  using protocol::ChipKind;
  // VERSION first: legacy register maps reuse the identity addresses (D4). Twice: it decides how all the rest is read.
  const auto version = read_agreed<1>(bus, address, reg::version, {}, knock);
  if (!version) return failure(not_there(version.error(), address, bus));
  auto identity = read_identity(bus, address, {}, effort);
  if (!identity) return failure(std::move(identity.error()));
  ChipLook look{protocol::classify((*version)[0], *identity), false};

  if (protocol::may_be_clone((*version)[0], *identity)) {
    const auto code = read_agreed<1>(bus, address, reg::error, {}, effort);
    if (!code) return failure(code.error());
    if (static_cast<protocol::ErrorCode>((*code)[0]) == protocol::ErrorCode::clone) look.chip.kind = ChipKind::clone;
  }
  const bool is_rbamp_so_far = look.chip.kind == ChipKind::rbamp || look.chip.kind == ChipKind::contradictory ||
                               look.chip.kind == ChipKind::unknown_variant;
  if (!is_rbamp_so_far) return look;
  const auto bursts = bursts_work(bus, address, *identity, effort);
  if (!bursts) return failure(bursts.error());
  if (*bursts) return look;
  // The first byte was true, what followed may have been that byte again. Or one of the single reads had a wrong bit, and nothing is wrong
  // with the bursts. Twice two single reads, since so many transfers are likely to be hit where one was, and a wrong UID is another module.
  Dialect dialect;
  dialect.bytewise = true;
  const auto single = read_identity(bus, address, dialect, effort);
  if (!single) return failure(single.error());
  if (protocol::same_identity(*identity, *single)) return look;
  const auto again = read_identity(bus, address, dialect, effort);
  if (!again) return failure(again.error());
  if (!protocol::same_identity(*single, *again)) return failure(torn_read(bus.name(), address, protocol::identity_start));
  return ChipLook{protocol::classify((*version)[0], *single), true};
}

}  // namespace rbamp::fleet
