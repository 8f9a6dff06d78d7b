// Any bytes from a bus: whatever a module, noise or another chip says, what is decoded is finite and what hardware can deliver.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "must.hpp"
#include "protocol/digest.hpp"
#include "protocol/identity.hpp"
#include "protocol/limits.hpp"
#include "protocol/live_block.hpp"
#include "protocol/snapshot.hpp"
#include "protocol/state.hpp"

namespace {

using namespace rbamp;
using namespace rbamp::protocol;
using rbamp::fuzz::must;

/// Hands out bytes; zeros when there are no more.
class Source {
 public:
  Source(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t n>
  std::array<std::uint8_t, n> take() {
    std::array<std::uint8_t, n> bytes{};
    const std::size_t count = std::min(n, size_);
    std::copy_n(data_, count, bytes.begin());
    data_ += count;
    size_ -= count;
    return bytes;
  }
  std::uint8_t byte() { return take<1>()[0]; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

template <class Tag>
void check(const std::optional<Quantity<Tag>>& value, double most) {
  if (value) must(std::isfinite(value->value()) && std::abs(value->value()) <= most);
}

void check_live(Source& source, Variant variant) {
  const auto live = decode_live(source.take<live_size>(), variant);
  check(live.voltage, max_voltage);
  check(live.voltage_peak, max_voltage_peak);
  for (const auto& channel : live.channels) {
    check(channel.current, max_current);
    check(channel.current_peak, max_current_peak);
    check(channel.active_power, max_power);
    check(channel.power_factor, max_power_factor);
  }
  for (const auto& power : decode_reactive(source.take<reactive_size>(), variant).power) check(power, max_power);
  check(decode_frequency(source.take<frequency_size>()).frequency, 100.0);
}

void check_snapshot(Source& source, Variant variant, FirmwareTier tier) {
  const auto bytes = source.take<snapshot_size>();
  const auto snapshot = decode_snapshot(bytes, variant, tier);
  for (const auto& power : snapshot.mean_power) check(power, max_power);
  check(snapshot.max_power, max_power);
  must(same_snapshot(bytes, bytes));
}

void check_digest(Source& source, Variant variant) {
  const DigestMask mask{static_cast<std::uint8_t>(source.byte() & 0x0FU)};
  if (!is_supported(mask, variant)) return;
  const auto digest = decode_digest(source.take<reg::digest_size>(), mask, variant);
  for (const auto& current : digest.current) check(current, max_current);
  for (const auto& power : digest.power) check(power, max_power);
  must(digest_length(mask, variant) <= reg::digest_size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Source source{data, size};
  const auto chip = classify(source.byte(), source.take<identity_size>());
  must(!describe(chip).empty());
  const auto identity = require_rbamp(chip);
  const auto variant = identity ? identity->variant : static_cast<Variant>(1 + source.byte() % 6);
  const FirmwareTier tier{source.byte()};
  check_live(source, variant);
  check_snapshot(source, variant, tier);
  check_digest(source, variant);
  (void)decode_state(source.take<state_size>());
  (void)decode_health(source.take<health_size>());
  (void)decode_evidence(source.take<evidence_size>());
  return 0;
}
