// Small identifying types: where a module is, which chip it is, which input of it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rbamp {

/// A 7-bit I2C address, 0x08 to 0x77 for modules; 0x00 is the general call.
class I2cAddress {
 public:
  constexpr I2cAddress() = default;
  constexpr explicit I2cAddress(std::uint8_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint8_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_module_address() const { return value_ >= 0x08 && value_ <= 0x77; }
  constexpr auto operator<=>(const I2cAddress&) const = default;

 private:
  std::uint8_t value_ = 0;
};

inline constexpr I2cAddress general_call{0x00};
inline constexpr I2cAddress default_module_address{0x50};

/// "0x50"
[[nodiscard]] std::string to_string(I2cAddress address);

/// The 96-bit chip id: what a module is for ever. 12 bytes as read from 0x5C (three little-endian words). Protocol 4.7.
class ModuleUid {
 public:
  static constexpr std::size_t size = 12;
  using Bytes = std::array<std::uint8_t, size>;

  constexpr ModuleUid() = default;
  constexpr explicit ModuleUid(const Bytes& bytes) : bytes_(bytes) {}
  /// 24 hex digits in register order, case-insensitive; nothing else.
  [[nodiscard]] static std::optional<ModuleUid> parse(std::string_view hex);

  [[nodiscard]] constexpr const Bytes& bytes() const { return bytes_; }
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the zero inside a defaulted <=> for a pointer
  constexpr auto operator<=>(const ModuleUid&) const = default;

 private:
  Bytes bytes_{};
};

/// 24 lower-case hex digits, in register order.
[[nodiscard]] std::string to_string(const ModuleUid& uid);
/// The id of a module nobody configured: "m" + last 8 hex digits. Design section 4.
[[nodiscard]] std::string default_module_id(const ModuleUid& uid);

/// One current input of a module, 0 to 2.
class ChannelIndex {
 public:
  constexpr ChannelIndex() = default;
  constexpr explicit ChannelIndex(std::uint8_t value) : value_(value) {}
  [[nodiscard]] constexpr std::uint8_t value() const { return value_; }
  constexpr auto operator<=>(const ChannelIndex&) const = default;

 private:
  std::uint8_t value_ = 0;
};
inline constexpr std::size_t max_channels = 3;

/// The 128-bit id that the kernel draws at each boot of the host. All zero: unknown, and then equal to no other.
class BootId {
 public:
  using Bytes = std::array<std::uint8_t, 16>;
  constexpr BootId() = default;
  constexpr explicit BootId(const Bytes& bytes) : bytes_(bytes) {}
  /// The text form with or without dashes; nullopt for anything else.
  [[nodiscard]] static std::optional<BootId> parse(std::string_view text);
  /// Of the running host, from /proc/sys/kernel/random/boot_id.
  [[nodiscard]] static BootId of_host();

  [[nodiscard]] constexpr const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] constexpr bool is_known() const { return bytes_ != Bytes{}; }
  constexpr auto operator<=>(const BootId&) const = default;

 private:
  Bytes bytes_{};
};

/// 32 lower-case hex digits.
[[nodiscard]] std::string to_string(const BootId& boot);

}  // namespace rbamp
