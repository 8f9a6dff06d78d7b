#include "commissioning/module_link.hpp"

#include <utility>

#include "fleet/chip_look.hpp"
#include "protocol/state.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using fleet::BusStation;
using fleet::Effort;
using protocol::ErrorCode;

ModuleLink::ModuleLink(BusStation& bus, I2cAddress address, protocol::Identity identity, bool bytewise)
    : bus_(&bus), address_(address), identity_(std::move(identity)), dialect_{identity_.variant, identity_.tier, bytewise} {}

Result<ModuleLink> ModuleLink::open(BusStation& bus, I2cAddress address) {
  const auto look = fleet::look_at(bus, address, Effort::stubborn);
  if (!look) return failure(look.error());
  const auto identity = protocol::require_rbamp(look->chip);
  if (!identity) {
    return failure(Errc::not_rbamp, Remedy::give_up,
                   "at address " + to_string(address) + " on bus \"" + bus.name() + "\": " + identity.error().detail);
  }
  return ModuleLink{bus, address, *identity, look->bytewise};
}

Result<ModuleLink> ModuleLink::open_declared(BusStation& bus, I2cAddress address, protocol::Variant variant) {
  const auto look = fleet::look_at(bus, address, Effort::stubborn);
  if (!look) return failure(look.error());
  if (look->chip.kind != protocol::ChipKind::legacy) {
    return failure(Errc::not_rbamp, Remedy::give_up,
                   "at address " + to_string(address) + " on bus \"" + bus.name() +
                       "\" is no module with firmware before v1.3: " + protocol::describe(look->chip));
  }
  protocol::Identity declared;
  declared.version = look->chip.version;
  declared.variant = variant;
  return ModuleLink{bus, address, std::move(declared), true};
}

std::string ModuleLink::name() const { return "module " + to_string(address_) + " on bus \"" + bus_->name() + "\""; }

void ModuleLink::name_module(Error& error) const {
  if (!error.is(Errc::torn_read)) error.detail = name() + " cannot be read: " + error.detail;
}

Result<ErrorCode> ModuleLink::read_error_code() const {
  const auto byte = read<1>(reg::error);
  if (!byte) return failure(byte.error());
  return static_cast<ErrorCode>((*byte)[0]);
}

Result<std::chrono::seconds> ModuleLink::read_uptime() const {
  const auto bytes = read<protocol::health_size>(protocol::health_start);
  if (!bytes) return failure(bytes.error());
  return protocol::decode_health(*bytes).uptime;
}

Result<void> ModuleLink::write(protocol::RegisterWrite write, std::string_view what) const {
  if (auto done = bus_->write(address_, write.reg, write.value, Effort::stubborn); !done) {
    done.error().detail =
        name() + ": writing " + std::string{what} + " failed, and whether it arrived is not known: " + done.error().detail;
    return done;
  }
  return check_outcome(what);
}

Result<void> ModuleLink::command(protocol::Command command, std::string_view what) const {
  const auto write = protocol::command_write(command);
  if (auto done = bus_->write(address_, write.reg, write.value, Effort::stubborn); !done) {
    done.error().detail = name() + ": " + std::string{what} + " could not be sent: " + done.error().detail;
    return done;
  }
  pause(protocol::settle_time(command));
  return check_outcome(what);
}

Result<void> ModuleLink::check_outcome(std::string_view what) const {
  const auto code = read_error_code();
  if (!code) return failure(code.error());
  switch (*code) {
    case ErrorCode::ok:
    // Faults of the running measurement, or of a page that is about to be written: not an answer to this write.
    case ErrorCode::lut_bad:
    case ErrorCode::flash_params_bad:
    case ErrorCode::not_ready:
    case ErrorCode::sensor_overflow: return {};
    case ErrorCode::param: clear_refusal(); break;
    case ErrorCode::clone:
    case ErrorCode::unhandled: break;
  }
  std::string words =
      name() + " refused " + std::string{what} + ": " + std::string{to_string(*code)} + " (REG_ERROR " + number_of(*code) + ")";
  if (*code != ErrorCode::param) words += ". " + std::string{advice_for(*code)};
  return failure(Errc::rejected, Remedy::give_up, std::move(words));
}

/// The error is known now; what is left of it would only puzzle whoever looks next. Order: protocol 9.2. Best effort, since the
/// refusal itself is what must be told.
void ModuleLink::clear_refusal() const {
  const auto clear = protocol::command_write(protocol::Command::clear_error);
  if (!bus_->write(address_, clear.reg, clear.value, Effort::steady)) return;
  pause(protocol::settle_time(protocol::Command::clear_error));
  (void)fleet::acknowledge(*bus_, address_, protocol::Event::error);
}

std::string number_of(ErrorCode code) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto value = static_cast<std::uint8_t>(code);
  return std::string{"0x"} + digits[value >> 4U] + digits[value & 0xFU];
}

bool comes_back(BusStation& bus, I2cAddress address, Microseconds limit) {
  constexpr Microseconds step = std::chrono::milliseconds{50};
  std::array<std::uint8_t, 1> status{};
  const BootTime begin = bus.clock().boot_now();
  for (;;) {
    if (bus.read(address, reg::status, status, Effort::once)) return true;
    if (!bus.is_open() || bus.clock().boot_now() - begin >= limit) return false;
    bus.clock().sleep_for(step);
  }
}

Error half_done(Error error, std::string_view state, std::string_view way_on) {
  error.detail += ". " + std::string{state} + ". " + std::string{way_on};
  return error;
}

Error as_request(Error error) { return Error{Errc::request_invalid, Remedy::give_up, std::move(error.detail)}; }

}  // namespace rbamp::commissioning
