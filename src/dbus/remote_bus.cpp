#include "dbus/remote_bus.hpp"

#include <algorithm>
#include <string_view>

namespace rbamp::dbus {
namespace {

tl::unexpected<Error> too_long(std::string_view what, std::size_t bytes) {
  return failure(Errc::bus_unsupported, Remedy::give_up,
                 std::string{what} + " of " + std::to_string(bytes) + " bytes does not go through rbampd; " +
                     std::to_string(longest_transfer) + " is the limit");
}

}  // namespace

Result<std::unique_ptr<RemoteBus>> RemoteBus::borrow(Client& client, const std::string& name) {
  auto loan = client.borrow_bus(name);
  if (!loan) return failure(loan.error());
  return std::unique_ptr<RemoteBus>{new RemoteBus{client, std::move(*loan)}};  // the constructor is private
}

RemoteBus::~RemoteBus() {
  // Without an answer the daemon ends the loan by itself: when this program leaves the message bus, or after a minute.
  [[maybe_unused]] const auto returned = client_.return_bus(loan_.id);
}

Result<void> RemoteBus::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) {
  if (into.size() > longest_transfer) return too_long("a read", into.size());
  const auto bytes = client_.transfer(loan_.id, {module, {reg}, into.size()});
  if (!bytes) return failure(bytes.error());
  if (bytes->size() != into.size()) {
    return failure(
        Errc::bus_io, Remedy::retry,
        "rbampd answered " + std::to_string(bytes->size()) + " bytes where " + std::to_string(into.size()) + " were asked for");
  }
  std::copy(bytes->begin(), bytes->end(), into.begin());
  return {};
}

Result<void> RemoteBus::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (bytes.size() > longest_transfer) return too_long("a write", bytes.size());
  const auto written = client_.transfer(loan_.id, {to, {bytes.begin(), bytes.end()}, 0});
  if (!written) return failure(written.error());
  return {};
}

bus::Capabilities RemoteBus::capabilities() const { return loan_.capabilities; }
std::string RemoteBus::describe() const { return loan_.description + " (lent by rbampd)"; }

}  // namespace rbamp::dbus
