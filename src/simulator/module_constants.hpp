// Numbers of the module that only its simulation needs. Protocol 5.3, 8.1, 9.3, 9.5.
#pragma once

#include <array>
#include <cstdint>

#include "simulator/sim_time.hpp"

namespace rbamp::simulator {

// Boot time line, 8.1
inline constexpr SimTime boot_to_ack = std::chrono::milliseconds{10};
inline constexpr SimTime boot_to_ready = std::chrono::milliseconds{50};
inline constexpr SimTime boot_to_valid = std::chrono::milliseconds{70};

inline constexpr SimTime flash_write_time = std::chrono::milliseconds{700};
inline constexpr SimTime arm_time = std::chrono::seconds{5};
inline constexpr SimTime error_tick = std::chrono::milliseconds{250};  ///< REG_ERROR to EVENT bit 3: 200 to 300 ms
inline constexpr SimTime capture_time = std::chrono::milliseconds{80};
inline constexpr std::uint32_t flash_endurance = 10'000;

namespace error {
inline constexpr std::uint8_t none = 0x00;
inline constexpr std::uint8_t clone = 0xF9;
inline constexpr std::uint8_t lut_bad = 0xFA;
inline constexpr std::uint8_t flash_bad = 0xFB;
inline constexpr std::uint8_t not_ready = 0xFC;
inline constexpr std::uint8_t overflow = 0xFD;
inline constexpr std::uint8_t param = 0xFE;
}  // namespace error

namespace event {
inline constexpr std::uint8_t period_ready = 0x01;
inline constexpr std::uint8_t threshold_current = 0x02;
inline constexpr std::uint8_t threshold_power = 0x04;
inline constexpr std::uint8_t error = 0x08;
inline constexpr std::uint8_t config_changed = 0x10;
inline constexpr std::uint8_t reset_occurred = 0x20;
}  // namespace event

namespace cause {
inline constexpr std::uint8_t pin = 0x01;
inline constexpr std::uint8_t power_on = 0x02;
inline constexpr std::uint8_t software = 0x04;
inline constexpr std::uint8_t watchdog = 0x08;
}  // namespace cause

/// Rated current of each SCT-013 model, by CT_MODEL code. 5.2
inline constexpr std::array<double, 8> ct_rating_a{0, 5, 10, 30, 50, 100, 20, 60};

}  // namespace rbamp::simulator
