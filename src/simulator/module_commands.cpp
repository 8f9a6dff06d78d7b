// Register writes and commands. Protocol 4, 6, 8.3, 9.1, 13.3; 17 S3, S20-S24, S29.
#include "protocol/commands.hpp"
#include "protocol/registers.hpp"
#include "simulator/module.hpp"
#include "simulator/module_constants.hpp"

namespace rbamp::simulator {

namespace reg = protocol::reg;

bool Module::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (to == general_call) return hear_broadcast(bytes);
  if (bytes.empty()) return true;
  state_.pointer = bytes[0];
  if (bytes.size() == 1) return true;
  ++counters_.register_writes.at(bytes[0]);
  const bool acknowledged =
      settings_.firmware == Firmware::v1_3 ? store(bytes[0], bytes[1]) : (store_legacy(bytes[0], bytes[1]), true);
  note_line(state_.now);
  return acknowledged && (bytes.size() == 2 || !settings_.quirks.extra_write_bytes_nack);
}

void Module::accept() { set_error(error::none); }

void Module::reject(bool is_command) {
  set_error(error::param);
  if (is_command) raise(event::error, state_.now);  // the command path tells at once, a register write with the next tick
}

bool Module::store(std::uint8_t reg, std::uint8_t value) {
  const bool is_reset = reg == reg::command && value == static_cast<std::uint8_t>(protocol::Command::reset);
  if (state_.is_clone && !is_reset) return true;  // halted: nothing else has an effect
  auto& config = state_.config;
  const auto low_byte = [&](std::uint16_t& word) { word = static_cast<std::uint16_t>((word & 0xFF00U) | value); };
  const auto high_byte = [&](std::uint16_t& word) {
    word = static_cast<std::uint16_t>((word & 0x00FFU) | (static_cast<unsigned>(value) << 8U));
  };
  switch (reg) {
    case reg::command: return run_command(value);
    case reg::ct_model:
      config.ct_model = value;
      raise(event::config_changed, state_.now);
      accept();
      return true;
    case reg::sensor_class:
      if (value > 3) {
        reject(false);
        return true;
      }
      if (value != config.sensor_class) {
        config.ct_model = 0;
        if (settings_.quirks.class_change_clears_mirrors) config.ct_applied = {};
      }
      config.sensor_class = value;
      raise(event::config_changed, state_.now);
      accept();
      return true;
    case reg::fleet_config:
      config.fleet = value & 1U;
      accept();
      return true;
    case reg::group_id:
      config.group = value;
      accept();
      return true;
    case reg::digest_config: {
      const unsigned supported = has_voltage(settings_.variant) ? 0x0FU : 0x01U;
      if ((value & ~supported) != 0) {
        reject(false);
      } else {
        state_.digest_config = value;
        accept();
      }
      return true;
    }
    case reg::event_flags:
      state_.event_flags = static_cast<std::uint8_t>(state_.event_flags & ~value);
      if (settings_.quirks.w1c_clears_error) accept();
      return true;
    case reg::event_mask:
      state_.event_mask = value;
      accept();
      return true;
    case reg::thresh_i_hi:
      low_byte(state_.threshold_current);
      accept();
      return true;
    case reg::thresh_i_hi + 1:
      high_byte(state_.threshold_current);
      accept();
      return true;
    case reg::thresh_p_hi:
      low_byte(state_.threshold_power);
      accept();
      return true;
    case reg::thresh_p_hi + 1:
      high_byte(state_.threshold_power);
      accept();
      return true;
    case reg::i2c_address: stage_address(value); return true;
    case reg::addr_commit_magic:
      state_.armed_until = value == protocol::magic ? state_.now + arm_time : -never;
      accept();
      return true;
    case reg::capture_page:
      if (value > 7) {
        reject(false);
      } else {
        state_.capture_page = value;
        accept();
      }
      return true;
    default: break;
  }
  if (reg >= reg::label && reg < reg::label + reg::label_size) {
    config.label.at(reg - reg::label) = value;
    raise(event::config_changed, state_.now);
    accept();
  } else if (settings_.quirks.readonly_write_is_error) {
    reject(false);
  }
  return true;  // read-only, reserved and factory registers: dropped
}

void Module::store_legacy(std::uint8_t reg, std::uint8_t value) {
  auto& config = state_.config;
  const auto firmware = settings_.firmware;
  if (reg == reg::sensor_class && firmware == Firmware::v1_2) {
    config.sensor_class = value;
    accept();
  } else if (reg == reg::ct_model) {
    if (firmware == Firmware::v1_2 && (config.sensor_class == 0 || value >= ct_rating_a.size())) {
      reject(false);
      return;
    }
    config.ct_model = value;
    if (firmware != Firmware::v1_0 && value < ct_rating_a.size()) config.ct_applied[0] = value;
    accept();
  } else if (reg == reg::command) {
    run_command(value);
  }
}

void Module::stage_address(std::uint8_t candidate) {
  if (!settings_.quirks.address_checked_at_commit && !I2cAddress{candidate}.is_module_address()) {
    reject(false);
    return;
  }
  state_.staged_address = candidate;
  raise(event::config_changed, state_.now);
  accept();
}

void Module::bind_ct(std::size_t channel) {
  const auto& config = state_.config;
  const auto model = config.ct_model;
  const bool is_characterised =
      model >= 1 && model <= 7 && ((model != 5 && model != 7) || settings_.quirks.accepts_all_ct_models);
  const bool fits_class = config.sensor_class == 1 ? is_characterised : config.sensor_class == 2 && model >= 1 && model <= 3;
  if (channel >= channels() || !fits_class) {
    reject(true);
    return;
  }
  state_.config.ct_applied.at(channel) = model;
  raise(event::config_changed, state_.now);
  accept();
}

void Module::commit_address() {
  const bool is_armed = state_.now < state_.armed_until;
  state_.armed_until = -never;  // any attempt uses it up
  if (!is_armed || !I2cAddress{state_.staged_address}.is_module_address()) {
    reject(true);
    return;
  }
  UserConfig image = state_.flash.image;
  image.address = state_.staged_address;
  start_flash(FlashWrite::address, image);
  accept();
}

void Module::start_flash(FlashWrite what, const UserConfig& image) {
  auto& flash = state_.flash;
  flash.running = what;
  flash.next = image;
  flash.started = state_.now;
  flash.until = state_.now + flash_write_time;
  ++flash.cycles;
}

bool Module::run_command(std::uint8_t opcode) {
  using protocol::Command;
  ++counters_.commands.at(opcode);
  const bool is_legacy = settings_.firmware != Firmware::v1_3;
  constexpr std::uint8_t nop = 0x00;
  constexpr std::uint8_t save_gains = 0x26;  // what saved the configuration on v1.2
  const auto save = [&] {
    UserConfig image = state_.config;
    image.address = state_.flash.image.address;  // only COMMIT_ADDR persists the address
    start_flash(FlashWrite::user_config, image);
    accept();
  };
  if (opcode == nop) {
    accept();
    return true;
  }
  if (is_legacy && opcode == save_gains) {
    save();
    return true;
  }
  switch (static_cast<Command>(opcode)) {
    case Command::reset: boot(state_.now, cause::software); return settings_.quirks.reset_command_is_acknowledged;
    case Command::latch_period:
      latch();
      accept();
      return true;
    case Command::set_ct_model_ch0:
    case Command::set_ct_model_ch1:
    case Command::set_ct_model_ch2:
      if (!is_legacy || settings_.firmware == Firmware::v1_2) {
        bind_ct(static_cast<std::size_t>(opcode - static_cast<std::uint8_t>(Command::set_ct_model_ch0)));
      }
      return true;
    case Command::commit_addr:
      if (!is_legacy) commit_address();
      return true;
    case Command::clear_error:
      if (is_legacy) return true;
      accept();
      if (settings_.quirks.clear_error_clears_flag && !state_.is_clone) {
        state_.event_flags = static_cast<std::uint8_t>(state_.event_flags & ~event::error);
      }
      return true;
    case Command::save_user_config:
      if (!is_legacy) save();
      return true;
    case Command::capture_raw:
      if (is_legacy) return true;
      state_.capture_ready_at = state_.now + capture_time;
      accept();
      return true;
  }
  if (!is_legacy) reject(true);  // older firmware ignores what it does not know
  return true;
}

}  // namespace rbamp::simulator
