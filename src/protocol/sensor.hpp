// Current transformers: SENSOR_CLASS 0x25, CT_MODEL 0x05 and its mirrors 0x51..0x53. Protocol 5.2, 13.4.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "protocol/register_write.hpp"
#include "protocol/variant.hpp"
#include "units/units.hpp"

namespace rbamp::protocol {

/// A change of class sets CT_MODEL to 0, so class comes before model.
enum class SensorClass : std::uint8_t { unset = 0, sct_013 = 1, wired_ct = 2, builtin_ct = 3 };
[[nodiscard]] std::string_view to_string(SensorClass sensor_class);

/// One sensor of class SCT_013. Codes are not in the order of ratings; a wrong one makes every reading wrong by the ratio of ratings.
struct CtModel {
  std::uint8_t code = 0;
  std::string_view name;  ///< "SCT-013-030"
  Amperes rated;
  bool is_characterised;  ///< false: present firmware refuses it (D17)
};
[[nodiscard]] std::span<const CtModel> sct_013_models();
[[nodiscard]] const CtModel* find_ct_model(std::uint8_t code);
/// By name in any case ("SCT-013-030"), by its last three digits ("030"), or by rating ("30A", "30 A"). nullptr when there is none.
[[nodiscard]] const CtModel* find_ct_model(std::string_view text);

/// Whether `code` may be bound. `allow_uncharacterised` lets 5 and 7 through: then the module's own REG_ERROR decides (D17).
/// Error: config_invalid (give_up) that lists what may be used.
[[nodiscard]] Result<void> check_ct_model(SensorClass sensor_class, std::uint8_t code, bool allow_uncharacterised = false);

/// Stages the model and binds it to the channel: two writes, each followed by 5 ms and a look at REG_ERROR, then the mirror is read.
/// Error: config_invalid when the variant lacks the channel.
[[nodiscard]] Result<std::array<RegisterWrite, 2>> bind_ct_writes(Variant variant, ChannelIndex channel, std::uint8_t code);
[[nodiscard]] constexpr reg::Address ct_mirror(ChannelIndex channel) {
  return static_cast<reg::Address>(reg::ct_model_ch0 + channel.value());
}
[[nodiscard]] constexpr RegisterWrite sensor_class_write(SensorClass sensor_class) {
  return {reg::sensor_class, static_cast<std::uint8_t>(sensor_class)};
}

}  // namespace rbamp::protocol
