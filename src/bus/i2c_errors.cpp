#include "bus/i2c_errors.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace rbamp::bus {
namespace {

struct Meaning {
  Errc code;
  Remedy remedy;
  std::string_view words;
};

constexpr std::string_view denied_by_service =
    "the service's device policy forbids it, because i2c-dev was not loaded when the service started: restart the service";

Meaning meaning_of_transfer(int error_number) {
  switch (error_number) {
    case ENXIO:      // address not acknowledged, on most adapters
    case EREMOTEIO:  // the same on bcm2835 and designware
      return {Errc::bus_nack, Remedy::retry, "not acknowledged"};
    case EAGAIN: return {Errc::bus_arbitration, Remedy::retry, "another master took the bus"};
    case ETIMEDOUT:
      return {Errc::bus_timeout, Remedy::retry, "the adapter gave up: SCL or SDA is held low (check wiring, pull-ups and power)"};
    case EBUSY:
      return {Errc::bus_timeout, Remedy::retry, "the bus is not idle: SCL or SDA is held low (check wiring, pull-ups and power)"};
    case EIO: return {Errc::bus_io, Remedy::retry, "the adapter reports an I/O error"};
    case EINTR: return {Errc::bus_io, Remedy::retry, "interrupted"};
    case ENOMEM: return {Errc::bus_io, Remedy::wait, "the kernel has no memory for the transfer"};
    case ENODEV:
    case ESHUTDOWN:  // USB adapter pulled out
    case EBADF: return {Errc::bus_missing, Remedy::reinitialise, "the adapter is gone: check that it is plugged in"};
    case EPERM: return {Errc::bus_permission, Remedy::give_up, denied_by_service};
    case EACCES: return {Errc::bus_permission, Remedy::give_up, "this user may not use the device"};
    case EOPNOTSUPP:
    case EINVAL:
    case ENOTTY: return {Errc::bus_unsupported, Remedy::give_up, "the adapter cannot do this kind of transfer"};
    default: return {Errc::bus_io, Remedy::retry, "the transfer failed"};
  }
}

std::string suggestion(const std::vector<std::string>& existing) {
  if (existing.empty()) return "there is no I2C adapter at all";
  std::string text = "there is ";
  for (std::size_t i = 0; i < existing.size(); ++i) {
    if (i > 0) text += i + 1 == existing.size() ? " and " : ", ";
    text += existing[i];
  }
  return text;
}

}  // namespace

Error smbus_only_error(const std::string& adapter) {
  return {Errc::bus_unsupported, Remedy::give_up,
          adapter +
              " is an SMBus-only adapter: it can neither read a measuring block in one piece nor latch all modules at once; use "
              "an adapter with plain I2C (the header of a single-board computer, or an FT232H or MCP2221A on USB)"};
}

std::string errno_name(int error_number) {
  const char* name = ::strerrorname_np(error_number);
  return name != nullptr ? std::string{name} : "error " + std::to_string(error_number);
}

Error transfer_error(int error_number, std::string_view device, std::string_view what) {
  const auto meaning = meaning_of_transfer(error_number);
  std::string detail{device};
  detail += ": ";
  detail += what;
  detail += ": ";
  detail += meaning.words;
  detail += " (" + errno_name(error_number) + ")";
  return Error{meaning.code, meaning.remedy, std::move(detail)};
}

Error open_error(int error_number, std::string_view device, const std::vector<std::string>& existing) {
  const std::string name{device};
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Error{
          Errc::bus_missing, Remedy::reinitialise,
          name + " does not exist (" + suggestion(existing) +
              "): enable I2C (on a Raspberry Pi: raspi-config, Interface Options, I2C; or dtparam=i2c_arm=on in "
              "/boot/firmware/config.txt), load the driver with \"modprobe i2c-dev\", or correct \"device\" of this [[bus]]"};
    case ENODEV:
    case ENXIO:
      return Error{Errc::bus_missing, Remedy::reinitialise,
                   name + " has no adapter behind it (" + errno_name(error_number) +
                       "): check that the adapter is plugged in and its driver is loaded"};
    case EACCES:
      return Error{
          Errc::bus_permission, Remedy::give_up,
          name + " may not be opened by this user: add the user to the group i2c (\"adduser USER i2c\") and start again"};
    case EPERM: return Error{Errc::bus_permission, Remedy::give_up, name + ": " + std::string{denied_by_service}};
    case ENOTTY:
    case EINVAL:
    case EISDIR:
    case EOPNOTSUPP:
      return Error{Errc::bus_missing, Remedy::give_up,
                   name + " is no I2C adapter (" + suggestion(existing) + "): correct \"device\" of this [[bus]]"};
    default:
      return Error{Errc::bus_io, Remedy::reinitialise,
                   name + " cannot be opened: " + std::generic_category().message(error_number)};
  }
}

}  // namespace rbamp::bus
