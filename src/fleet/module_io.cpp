#include "fleet/module_io.hpp"

#include <algorithm>

#include "fleet/block_read.hpp"
#include "fleet/chip_look.hpp"
#include "protocol/commands.hpp"
#include "protocol/general_call.hpp"

namespace rbamp::fleet {

namespace reg = protocol::reg;

Error another_chip(const ModuleUid& uid, I2cAddress address) {
  return {Errc::wrong_module, Remedy::reinitialise,
          "another module (UID " + to_string(uid) + ") answers at " + to_string(address)};
}

metering::Instant instant_now(const Clock& clock, const BootId& boot) {
  return {boot, clock.boot_now(), clock.utc_now(), clock.utc_is_synchronised()};
}

Result<Identification> identify(BusStation& bus, I2cAddress address, const BootId& boot, Effort effort,
                                std::optional<std::uint8_t> export_register) {
  const auto look = look_at(bus, address, effort, Effort::steady);
  if (!look) return failure(look.error());
  auto identity = protocol::require_rbamp(look->chip);
  if (!identity) {
    auto error = std::move(identity.error());
    error.detail = "address " + to_string(address) + " on bus \"" + bus.name() + "\": " + error.detail;
    return failure(std::move(error));
  }
  Identification found;
  found.identity = *identity;
  found.dialect = {identity->variant, identity->tier, look->bytewise, std::nullopt};
  if (identity->tier.is_bidirectional()) found.dialect.export_register = export_register;

  // From SENSOR_CLASS to GROUP_ID in one burst; what lies between class and fleet belongs to the factory.
  static_assert(reg::fleet_config == reg::sensor_class + 2 && reg::group_id == reg::sensor_class + 3);
  const auto setup = read_agreed<4>(bus, address, reg::sensor_class, found.dialect, Effort::steady,
                                    [](ReadBytes a, ReadBytes b) { return a[0] == b[0] && a[2] == b[2] && a[3] == b[3]; });
  if (!setup) return failure(setup.error());
  found.sensor_class = static_cast<protocol::SensorClass>((*setup)[0]);
  found.listens_to_broadcast = protocol::FleetConfig{(*setup)[2]}.has(protocol::FleetBit::gc_enable);
  found.group = (*setup)[3];

  auto now = read_snapshot(bus, {address, found.dialect, boot});
  if (!now) return failure(std::move(now.error()));
  found.now = std::move(*now);
  if (!found.now.state.status.has(protocol::StatusBit::ready)) {
    return failure(Errc::not_ready, Remedy::wait,
                   "module " + to_string(address) + " on bus \"" + bus.name() + "\" is still starting");
  }
  return found;
}

namespace {

LatchSent timed(BusStation& bus, const BootId& boot, I2cAddress to, std::span<const std::uint8_t> bytes) {
  const BootTime before = bus.clock().boot_now();
  auto written = bus.send_once(to, bytes);
  LatchSent sent;
  sent.at = instant_now(bus.clock(), boot);
  sent.duration = sent.at.at - before;
  if (!written) sent.error = std::move(written.error());
  return sent;
}

}  // namespace

LatchSent send_latch(BusStation& bus, I2cAddress address, const BootId& boot) {
  const std::array bytes{reg::command, static_cast<std::uint8_t>(protocol::Command::latch_period)};
  return timed(bus, boot, address, bytes);
}

LatchSent send_broadcast_latch(BusStation& bus, std::uint8_t group, std::uint16_t tick, const BootId& boot) {
  return timed(bus, boot, general_call, protocol::encode_latch_frame(group, tick));
}

Result<void> acknowledge(BusStation& bus, I2cAddress address, protocol::Events handled) {
  return bus.write(address, reg::event_flags, handled.raw(), Effort::stubborn);
}

Result<protocol::Events> release_drdy(BusStation& bus, I2cAddress address, const Dialect& dialect) {
  using protocol::Event;
  static_assert(reg::event_mask == reg::event_flags + 1);
  const auto bytes = read_block<2>(bus, address, reg::event_flags, dialect, Effort::steady);
  if (!bytes) return failure(bytes.error());
  const protocol::Events holding = protocol::Events{(*bytes)[0]} & protocol::Events{(*bytes)[1]};
  const protocol::Events ours =
      holding & (protocol::Events{Event::threshold_current} | Event::threshold_power | Event::config_changed);
  if (!ours.none()) {
    if (auto cleared = acknowledge(bus, address, ours); !cleared) return failure(std::move(cleared.error()));
  }
  return holding;
}

Result<protocol::ErrorCode> read_error(BusStation& bus, I2cAddress address, const Dialect& dialect) {
  const auto bytes = read_block<protocol::state_size>(bus, address, protocol::state_start, dialect, Effort::steady);
  if (!bytes) return failure(bytes.error());
  return protocol::decode_state(*bytes).error;
}

namespace {

/// Read byte by byte or in pieces the block may be of two windows; two equal reads are of one (D2).
Result<protocol::LiveBytes> read_live_block(BusStation& bus, I2cAddress address, const Dialect& dialect, Effort effort) {
  const auto is_of_one_moment = [&] { return !dialect.bytewise && !bus.reads_in_pieces(protocol::live_size); };
  if (is_of_one_moment()) {
    auto block = read_block<protocol::live_size>(bus, address, protocol::live_start, dialect, effort);
    if (is_of_one_moment()) return block;
  }
  return read_agreed<protocol::live_size>(bus, address, protocol::live_start, dialect, effort);
}

}  // namespace

Result<LiveRead> read_live(BusStation& bus, I2cAddress address, const Dialect& dialect, Extra extra, Effort effort) {
  LiveRead read;
  read.at = bus.clock().boot_now();
  const auto block = read_live_block(bus, address, dialect, effort);
  if (!block) return failure(block.error());
  read.bytes = *block;
  read.block = protocol::decode_live(*block, dialect.variant);
  // A failure below costs two quantities of one reading, not the window.
  switch (extra) {
    case Extra::none: break;
    case Extra::reactive_power:
      if (const auto q = read_block<protocol::reactive_size>(bus, address, protocol::reactive_start, dialect, effort))
        read.reactive = protocol::decode_reactive(*q, dialect.variant);
      break;
    case Extra::frequency:
      if (const auto f = read_block<protocol::frequency_size>(bus, address, protocol::frequency_start, dialect, effort))
        read.frequency = protocol::decode_frequency(*f);
      break;
  }
  return read;
}

Result<ModuleUid> read_uid(BusStation& bus, I2cAddress address, const Dialect& dialect) {
  const auto bytes = read_agreed<ModuleUid::size>(bus, address, reg::uid, dialect, Effort::steady);
  if (!bytes) return failure(bytes.error());
  return ModuleUid{*bytes};
}

void send_reset(BusStation& bus, I2cAddress address) {
  const std::array bytes{reg::command, static_cast<std::uint8_t>(protocol::Command::reset)};
  (void)bus.send_once(address, bytes);
}

}  // namespace rbamp::fleet
