#include "protocol/digest.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "protocol/limits.hpp"

namespace rbamp::protocol {
namespace {

constexpr double amperes_per_step = 0.01;
constexpr double volts_per_step = 0.1;
constexpr double factor_per_step = 0.01;

/// Walks through the packed fields in their order: status, sequence, I[N], U, P[N], PF[N].
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint8_t u8() { return bytes_[offset_++]; }
  std::uint16_t u16() {
    const auto value = load_u16(bytes_, offset_);
    offset_ += 2;
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t offset_ = 0;
};

class Packer {
 public:
  explicit Packer(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  void u8(double value) { bytes_[offset_++] = saturate<std::uint8_t>(value); }
  void u16(double value) { put(saturate<std::uint16_t>(value)); }
  void i16(double value) { put(static_cast<std::uint16_t>(saturate<std::int16_t>(value))); }

 private:
  template <class Int>
  static Int saturate(double value) {
    const double low = std::numeric_limits<Int>::min();
    const double high = std::numeric_limits<Int>::max();
    return static_cast<Int>(std::clamp(std::round(value), low, high));
  }
  void put(std::uint16_t value) {
    store_u16(bytes_, offset_, value);
    offset_ += 2;
  }

  std::span<std::uint8_t> bytes_;
  std::size_t offset_ = 0;
};

template <class Quantity>
double number(const std::optional<Quantity>& value) {
  return value ? value->value() : 0.0;
}

}  // namespace

bool is_supported(DigestMask mask, Variant variant) { return (mask.raw() & ~full_digest(variant).raw()) == 0; }

DigestMask full_digest(Variant variant) {
  if (!has_voltage(variant)) return DigestField::current;
  return DigestMask{DigestField::current} | DigestField::voltage | DigestField::power | DigestField::power_factor;
}

std::size_t digest_length(DigestMask mask, Variant variant) {
  if (mask.none()) return 0;
  const std::size_t channels = channel_count(variant);
  std::size_t length = 2;
  if (mask.has(DigestField::current)) length += 2 * channels;
  if (mask.has(DigestField::voltage)) length += 2;
  if (mask.has(DigestField::power)) length += 2 * channels;
  if (mask.has(DigestField::power_factor)) length += channels;
  return length;
}

Digest decode_digest(Burst<reg::digest_size> burst, DigestMask mask, Variant variant) {
  Digest digest;
  if (mask.none()) return digest;
  Sanity sanity;
  Cursor in{burst};
  const std::size_t channels = channel_count(variant);
  digest.status = Status{in.u8()};
  digest.sequence = in.u8();
  if (mask.has(DigestField::current)) {
    for (std::size_t i = 0; i < channels; ++i)
      digest.current[i] = sanity.within<Amperes>(in.u16() * amperes_per_step, 0.0, max_current);
  }
  if (mask.has(DigestField::voltage)) digest.voltage = sanity.within<Volts>(in.u16() * volts_per_step, 0.0, max_voltage);
  if (mask.has(DigestField::power)) {
    for (std::size_t i = 0; i < channels; ++i) {
      digest.power[i] = sanity.within<Watts>(static_cast<double>(static_cast<std::int16_t>(in.u16())), -max_power, max_power);
    }
  }
  if (mask.has(DigestField::power_factor)) {
    for (std::size_t i = 0; i < channels; ++i)
      digest.power_factor[i] = sanity.within<PowerFactor>(in.u8() * factor_per_step, 0.0, 1.0);
  }
  digest.rejected = sanity.rejected();
  return digest;
}

DigestBytes encode_digest(const Digest& digest, DigestMask mask, Variant variant) {
  DigestBytes bytes{};
  if (mask.none()) return bytes;
  Packer out{bytes};
  const std::size_t channels = channel_count(variant);
  out.u8(digest.status.raw());
  out.u8(digest.sequence);
  if (mask.has(DigestField::current)) {
    for (std::size_t i = 0; i < channels; ++i) out.u16(number(digest.current[i]) / amperes_per_step);
  }
  if (mask.has(DigestField::voltage)) out.u16(number(digest.voltage) / volts_per_step);
  if (mask.has(DigestField::power)) {
    for (std::size_t i = 0; i < channels; ++i) out.i16(number(digest.power[i]));
  }
  if (mask.has(DigestField::power_factor)) {
    for (std::size_t i = 0; i < channels; ++i) out.u8(std::abs(number(digest.power_factor[i])) / factor_per_step);
  }
  return bytes;
}

}  // namespace rbamp::protocol
