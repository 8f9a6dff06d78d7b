#include "protocol/export_register.hpp"

#include <algorithm>
#include <cmath>

#include "protocol/limits.hpp"

namespace rbamp::protocol {
namespace {

struct Named {
  unsigned first;
  unsigned last;
  std::string_view what;
};

// Section 4, but for what it leaves free and for the factory's gains and noise floors, which other firmware may keep elsewhere.
constexpr std::array named{Named{0x00, 0x31, "control, state and event registers"},
                           Named{0x46, 0x4F, "the module's health"},
                           Named{0x51, 0x5A, "the module's identity"},
                           Named{0x5C, 0x85, "UID, LABEL and DIGEST"},
                           Named{0x86, 0xBD, "the live values"},
                           Named{0xBE, 0xCE, "the counts and averages of the period"},
                           Named{0xD0, 0xDB, "reactive power"},
                           Named{0xDC, 0xE3, "the averages of the period"},
                           Named{0xEC, 0xEF, "PERIOD_LATCH_MS"}};

}  // namespace

std::string_view named_register_in_export_block(std::uint8_t first) {
  const unsigned last = first + static_cast<unsigned>(export_block_size) - 1;
  const auto* it = std::ranges::find_if(named, [&](const Named& one) { return one.first <= last && first <= one.last; });
  return it == named.end() ? std::string_view{} : it->what;
}

std::array<std::optional<Watts>, max_channels> decode_export(Burst<export_block_size> burst, Variant variant) {
  std::array<std::optional<Watts>, max_channels> power;
  if (!has_voltage(variant)) return power;
  Sanity sanity;
  for (std::size_t i = 0; i < channel_count(variant); ++i)
    power[i] = sanity.within<Watts>(std::abs(load_f32(burst, 4 * i)), 0.0, max_power);
  return power;
}

}  // namespace rbamp::protocol
