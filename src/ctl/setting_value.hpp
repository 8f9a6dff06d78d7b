// Values of module settings as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "protocol/sensor.hpp"
#include "protocol/variant.hpp"
#include "units/units.hpp"

namespace rbamp::ctl {

/// "label", "ct", ...: what `set` can set, in the order of its help.
[[nodiscard]] std::vector<std::string> setting_names();
/// Names of current transformers that present firmware takes.
[[nodiscard]] std::vector<std::string> ct_names();

// Errors of all: request_invalid, with what is possible.

/// "30A", "SCT-013-030", "030"
[[nodiscard]] Result<std::uint8_t> parse_ct(const std::string& text);
/// "sct-013" or "unset"; the classes without published modules have no name here.
[[nodiscard]] Result<protocol::SensorClass> parse_sensor_class(const std::string& text);
/// 0 to 255
[[nodiscard]] Result<std::uint8_t> parse_group(const std::string& text);
/// "on" or "off"
[[nodiscard]] Result<bool> parse_switch(const std::string& text);
/// "0", "1", "2" or "all"; empty: the only channel of the variant.
[[nodiscard]] Result<std::vector<std::size_t>> parse_channels(const std::string& text, protocol::Variant variant);

/// One or both thresholds; an absent one stays as it is, an absent value inside switches it off.
struct ThresholdWish {
  std::optional<std::optional<Amperes>> current;
  std::optional<std::optional<Watts>> power;
};
/// "16A", "3600W", "off" (both), "off-A", "off-W"
[[nodiscard]] Result<ThresholdWish> parse_threshold(const std::string& text);

}  // namespace rbamp::ctl
