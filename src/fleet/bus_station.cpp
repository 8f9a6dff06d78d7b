#include "fleet/bus_station.hpp"

#include <algorithm>
#include <array>

#include "bus/i2c_errors.hpp"

namespace rbamp::fleet {
namespace {

using std::chrono::milliseconds;

// Pauses before the second, third ... attempt. Protocol 14.1: 3 attempts 2-5 ms apart; 5 attempts 20 ms apart under switching.
constexpr std::array pauses{milliseconds{3},  milliseconds{3},  milliseconds{20},
                            milliseconds{20}, milliseconds{20}, milliseconds{20}};

std::size_t extra_attempts(Effort effort) {
  switch (effort) {
    case Effort::once: return 0;
    case Effort::timely:
    case Effort::steady: return 2;
    case Effort::stubborn: return pauses.size();
  }
  return 0;
}

// Longer than three attempts take that are not acknowledged, shorter than any adapter's timeout.
constexpr Microseconds timely_limit = milliseconds{30};

// Message lengths at which drivers draw the line; below the last one it is not the length that is refused.
constexpr std::array<std::size_t, 3> read_limits{32, 16, 8};

bool is_worth_another_try(const Error& error) { return error.remedy == Remedy::retry || error.remedy == Remedy::verify; }

}  // namespace

Result<void> BusStation::open() {
  if (bus_) return {};
  auto opened = factory_();
  if (!opened) return failure(std::move(opened.error()));
  // Whatever kind of bus it is: a half of the protocol is not metered with.
  if (!(*opened)->capabilities().plain_i2c) return failure(bus::smbus_only_error((*opened)->describe()));
  bus_ = std::move(*opened);
  max_read_ = bus_->capabilities().max_read;
  return {};
}

bus::Capabilities BusStation::capabilities() const {
  auto capabilities = bus_ ? bus_->capabilities() : bus::Capabilities{};
  capabilities.max_read = std::min(capabilities.max_read, max_read_);
  return capabilities;
}

void BusStation::note(const Error& error) {
  // The handle is of no use any more; a new one may be.
  if (error.is(Errc::bus_missing) || error.is(Errc::bus_permission) || error.remedy == Remedy::reinitialise) bus_.reset();
}

template <class Transfer>
Result<void> BusStation::attempt(I2cAddress module, Effort effort, std::size_t bytes, Transfer transfer) {
  if (!bus_) return failure(Errc::bus_missing, Remedy::reinitialise, "bus \"" + name_ + "\" is not open");
  const std::size_t extra = extra_attempts(effort);
  const BootTime begun = clock_.boot_now();
  for (std::size_t tried = 0;; ++tried) {
    counters_.transactions.fetch_add(1, std::memory_order_relaxed);
    counters_.bytes.fetch_add(bytes, std::memory_order_relaxed);
    auto result = transfer(*bus_);
    if (result) return {};
    const bool is_late = effort == Effort::timely && clock_.boot_now() - begun > timely_limit;
    if (!is_worth_another_try(result.error()) || tried >= extra || is_late) {
      if (effort != Effort::once) counters_.exhausted.fetch_add(1, std::memory_order_relaxed);
      note(result.error());
      return result;
    }
    counters_.retries.fetch_add(1, std::memory_order_relaxed);
    counters_.retries_at[module.value()].fetch_add(1, std::memory_order_relaxed);
    clock_.sleep_for(pauses[tried]);
  }
}

Result<void> BusStation::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into, Effort effort) {
  if (!reads_in_pieces(into.size())) {
    auto whole = attempt(module, effort, into.size(), [&](bus::I2cBus& bus) { return bus.read(module, reg, into); });
    const auto* const limit = std::find_if(read_limits.begin(), read_limits.end(), [&](auto one) { return one < into.size(); });
    if (whole || !whole.error().is(Errc::bus_unsupported) || limit == read_limits.end()) return whole;
    max_read_ = *limit;
  }
  const std::size_t most = std::max<std::size_t>(max_read_, 1);
  for (std::size_t i = 0; i < into.size(); i += most) {
    const auto piece = into.subspan(i, std::min(most, into.size() - i));
    if (auto done = read(module, static_cast<std::uint8_t>(reg + i), piece, effort); !done) return done;
  }
  return {};
}

Result<void> BusStation::read_bytewise(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into, Effort effort) {
  for (std::size_t i = 0; i < into.size(); ++i) {
    if (auto one = read(module, static_cast<std::uint8_t>(reg + i), into.subspan(i, 1), effort); !one) return one;
  }
  return {};
}

Result<void> BusStation::write(I2cAddress module, std::uint8_t reg, std::uint8_t value, Effort effort) {
  const std::array<std::uint8_t, 2> bytes{reg, value};
  return attempt(module, effort, 1, [&](bus::I2cBus& bus) { return bus.write(module, bytes); });
}

Result<std::vector<std::uint8_t>> BusStation::pass_on(I2cAddress address, std::span<const std::uint8_t> write,
                                                      std::size_t read_length) {
  if (!bus_) return failure(Errc::bus_missing, Remedy::reinitialise, "bus \"" + name_ + "\" is not open");
  counters_.transactions.fetch_add(1, std::memory_order_relaxed);
  counters_.bytes.fetch_add(write.size() + read_length, std::memory_order_relaxed);
  std::vector<std::uint8_t> bytes(read_length);
  auto result = read_length == 0 ? bus_->write(address, write) : bus_->read(address, write.front(), bytes);
  if (!result) {
    note(result.error());
    return failure(std::move(result.error()));
  }
  return bytes;
}

Result<void> BusStation::send_once(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (!bus_) return failure(Errc::bus_missing, Remedy::reinitialise, "bus \"" + name_ + "\" is not open");
  counters_.transactions.fetch_add(1, std::memory_order_relaxed);
  counters_.bytes.fetch_add(bytes.size() - 1, std::memory_order_relaxed);
  auto result = bus_->write(to, bytes);
  if (!result) note(result.error());
  return result;
}

}  // namespace rbamp::fleet
