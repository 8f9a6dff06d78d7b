#include "protocol/state.hpp"

namespace rbamp::protocol {
namespace {

constexpr std::uint16_t no_zero_crossing = 0xFFFF;

template <reg::Address Start>
constexpr std::size_t at(reg::Address address) {
  return static_cast<std::size_t>(address - Start);
}

}  // namespace

State decode_state(Burst<state_size> burst) {
  return State{
      .status = Status{burst[reg::status]},
      .error = static_cast<ErrorCode>(burst[reg::error]),
      .version = burst[reg::version],
      .mode = burst[reg::mode],
      .staged_ct_model = burst[reg::ct_model],
      .is_period_valid = (burst[reg::period_valid] & 0x01U) != 0,  // bit 0 only: D8
  };
}

Health decode_health(Burst<health_size> burst) {
  constexpr auto offset = at<health_start>;
  Health health{
      .uptime = std::chrono::seconds{load_u32(burst, offset(reg::uptime_s))},
      .reset_causes = ResetCauses{burst[offset(reg::reset_cause)]},
      .bus_errors = load_u16(burst, offset(reg::i2c_err_count)),
      .bus_recoveries = burst[offset(reg::i2c_reinit_count)],
      .zero_crossing_offset = std::nullopt,
  };
  const auto zero_crossing = load_u16(burst, offset(reg::zc_offset));
  if (zero_crossing != no_zero_crossing) health.zero_crossing_offset = std::chrono::microseconds{zero_crossing};
  return health;
}

Evidence decode_evidence(Burst<evidence_size> burst) {
  constexpr auto offset = at<evidence_start>;
  Evidence evidence{
      .events = Events{burst[offset(reg::event_flags)]},
      .event_mask = Events{burst[offset(reg::event_mask)]},
      .threshold_current_raw = load_u16(burst, offset(reg::thresh_i_hi)),
      .threshold_power_raw = load_u16(burst, offset(reg::thresh_p_hi)),
      .address = I2cAddress{burst[offset(reg::i2c_address)]},
      .health = decode_health(burst.subspan<at<evidence_start>(health_start), health_size>()),
      .ct_models = {},
      .product = burst[offset(reg::product_id)],
      .variant_code = burst[offset(reg::hw_variant)],
      .tier = FirmwareTier{burst[offset(reg::fw_tier)]},
      .capabilities = Capabilities{load_u16(burst, offset(reg::capability))},
      .gc_tick = load_u16(burst, offset(reg::gc_tick)),
  };
  for (std::size_t channel = 0; channel < max_channels; ++channel) {
    evidence.ct_models[channel] = burst[offset(reg::ct_model_ch0) + channel];
  }
  return evidence;
}

}  // namespace rbamp::protocol
