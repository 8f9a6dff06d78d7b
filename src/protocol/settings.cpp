#include "protocol/settings.hpp"

#include "protocol/threshold.hpp"

namespace rbamp::protocol {
namespace {

constexpr std::size_t at(reg::Address address) { return static_cast<std::size_t>(address - settings_start); }

}  // namespace

Settings decode_settings(Burst<settings_size> burst) {
  return Settings{
      .frequency = decode_frequency(burst.subspan<at(frequency_start), frequency_size>()),
      .topology = burst[at(reg::topology)],
      .sensor_class = static_cast<SensorClass>(burst[at(reg::sensor_class)]),
      .fleet = FleetConfig{burst[at(reg::fleet_config)]},
      .group = burst[at(reg::group_id)],
      .digest = DigestMask{burst[at(reg::digest_config)]},
      .events = Events{burst[at(reg::event_flags)]},
      .event_mask = Events{burst[at(reg::event_mask)]},
      .threshold_current = decode_current_threshold(load_u16(burst, at(reg::thresh_i_hi))),
      .threshold_power = decode_power_threshold(load_u16(burst, at(reg::thresh_p_hi))),
      .address = I2cAddress{burst[at(reg::i2c_address)]},
  };
}

}  // namespace rbamp::protocol
