// Register reads. Protocol 3.1, 4, 10.1, 10.3; 17 S2, S4, S10-S13, S28, S29.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

#include "protocol/registers.hpp"
#include "simulator/module.hpp"
#include "simulator/module_constants.hpp"
#include "simulator/random.hpp"

namespace rbamp::simulator {

namespace reg = protocol::reg;

namespace {

using Page = std::array<std::uint8_t, 256>;

void put_u16(Page& page, std::size_t at, std::uint32_t value) {
  page.at(at) = static_cast<std::uint8_t>(value & 0xFFU);
  page.at(at + 1) = static_cast<std::uint8_t>((value >> 8U) & 0xFFU);
}

void put_u32(Page& page, std::size_t at, std::uint32_t value) {
  put_u16(page, at, value & 0xFFFFU);
  put_u16(page, at + 2, value >> 16U);
}

void put_f32(Page& page, std::size_t at, double value) {
  const auto single = static_cast<float>(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &single, sizeof bits);
  put_u32(page, at, bits);
}

std::uint32_t rounded(double value, double low, double high) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(value, low, high)));
}

/// Frozen for the length of one burst: a commit inside it is not seen. Protocol 10.1.
bool is_frozen(std::size_t address) { return address >= reg::digest && address < reg::u_rms + reg::live_block_size; }

constexpr std::size_t period_block_end = reg::period_latch_ms + 4;
constexpr double crest = std::numbers::sqrt2;

}  // namespace

void Module::begin_read(std::uint8_t reg, std::span<std::uint8_t> out) {
  state_.pointer = reg;
  render(reg, out.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = byte_at(reg, i);
}

void Module::continue_read(std::uint8_t reg, std::size_t from, std::span<std::uint8_t> out) {
  render(reg, out.size());
  for (std::size_t i = from; i < out.size(); ++i) {
    if (!is_frozen(reg + i)) out[i] = byte_at(reg, i);
  }
}

void Module::end_read(std::uint8_t reg, std::size_t size) {
  constexpr std::array<reg::Address, max_channels> averages{reg::period_avg_p, reg::period_avg_p_ch1, reg::period_avg_p_ch2};
  for (std::size_t i = 0; i < channels(); ++i) {
    auto& unread = state_.shown.unread.at(i);
    if (unread == 0) continue;
    for (unsigned byte = 0; byte < 4; ++byte) {
      const std::size_t at = averages.at(i) + byte;
      if (at >= reg && at < reg + size) unread = static_cast<std::uint8_t>(unread & ~(1U << byte));
    }
    if (unread == 0) state_.ledger.at(i).delivered += state_.shown.import_j.at(i);
  }
}

std::uint8_t Module::byte_at(std::uint8_t reg, std::size_t index) const {
  if (reg == reg::capture_window && settings_.firmware == Firmware::v1_3) return capture_byte(index);
  if (settings_.firmware != Firmware::v1_3) return page_.at(reg);  // no auto-increment to rely on: read byte-wise
  const std::size_t at = settings_.quirks.bursts_repeat ? reg : reg + index;
  return at < page_.size() ? page_[at] : std::uint8_t{0};
}

void Module::render(std::uint8_t first, std::size_t size) {
  const std::size_t end = first + size;
  const auto wants = [&](std::size_t from, std::size_t to) { return first < to && end > from; };
  page_.fill(0);
  if (state_.is_clone) {
    page_[reg::status] = 0x02;
    page_[reg::error] = error::clone;
    return;
  }
  if (wants(reg::status, reg::period_valid + 1)) render_control();
  if (wants(reg::adc_mean_u, reg::sensor_class + 1)) render_system();
  if (wants(reg::u_rms, reg::u_rms + reg::live_block_size) || wants(reg::q0_reac, reg::period_avg_p)) render_live();
  if (wants(reg::period_commit_cnt, period_block_end) || settings_.export_register) render_period();
  if (settings_.firmware != Firmware::v1_3) {
    render_legacy_noise();
    return;
  }
  if (wants(reg::fleet_config, reg::addr_commit_magic)) render_fleet();
  if (wants(reg::uptime_s, reg::zc_offset + 2)) render_health();
  if (wants(reg::ct_model_ch0, reg::label + reg::label_size)) render_identity();
  if (wants(reg::digest, reg::digest + reg::digest_size)) render_digest();
}

void Module::render_control() {
  std::uint8_t status = is_ready() ? 0x01 : 0x00;
  if (state_.error != error::none) status |= 0x02;
  if (state_.event_flags != 0) status |= 0x04;
  page_[reg::status] = status;
  page_[reg::error] = state_.error;
  page_[reg::version] = static_cast<std::uint8_t>(settings_.firmware);
  page_[reg::ct_model] = state_.config.ct_model;
  page_[reg::period_valid] = state_.shown_valid ? 1 : 0;
}

void Module::render_system() {
  constexpr std::uint32_t centre = 2048;
  if (is_ready()) {
    put_u16(page_, reg::adc_mean_u, centre);
    for (std::size_t i = 0; i < channels(); ++i) put_u16(page_, reg::adc_mean_i0 + 2 * i, centre);
    if (mains_.is_on(state_.now)) {
      page_[reg::ac_freq] = static_cast<std::uint8_t>(std::lround(mains_.frequency_hz()));
      put_u16(page_, reg::ac_period, rounded(5e5 / mains_.frequency_hz(), 0, 65535));
    }
  }
  page_[reg::capture_status] = state_.now >= state_.capture_ready_at ? 1 : 0;
  page_[reg::capture_page] = state_.capture_page;
  page_[reg::topology] = static_cast<std::uint8_t>(channels());
  page_[reg::sensor_class] = state_.config.sensor_class;
}

void Module::render_fleet() {
  page_[reg::fleet_config] = state_.config.fleet;
  page_[reg::group_id] = state_.config.group;
  page_[reg::digest_config] = state_.digest_config;
  page_[reg::event_flags] = state_.event_flags;
  page_[reg::event_mask] = state_.event_mask;
  put_u16(page_, reg::thresh_i_hi, state_.threshold_current);
  put_u16(page_, reg::thresh_p_hi, state_.threshold_power);
  page_[reg::i2c_address] = state_.staged_address;
}

void Module::render_health() {
  const double rate =
      settings_.quirks.uptime_runs_on_chip_clock ? chip_ms(state_.now) / 1000.0 : in_seconds(state_.now - state_.booted_at);
  put_u32(page_, reg::uptime_s, static_cast<std::uint32_t>(rate));
  page_[reg::reset_cause] = state_.reset_cause;
  put_u16(page_, reg::i2c_err_count, state_.bus_errors);
  page_[reg::i2c_reinit_count] = state_.bus_reinits;
  put_u16(page_, reg::zc_offset, state_.zc_offset);
}

void Module::render_identity() {
  constexpr std::uint16_t canonical = 0x069E;
  constexpr std::uint16_t voltage_bit = 0x0100;
  for (std::size_t i = 0; i < channels(); ++i) page_.at(reg::ct_model_ch0 + i) = state_.config.ct_applied.at(i);
  page_[reg::product_id] = 0x01;
  page_[reg::hw_variant] = static_cast<std::uint8_t>(settings_.variant);
  page_[reg::fw_tier] = settings_.is_standard_tier ? 0x05 : 0x00;
  const auto by_variant = static_cast<std::uint16_t>(has_voltage(settings_.variant) ? canonical | voltage_bit : canonical);
  put_u16(page_, reg::capability, settings_.capability.value_or(by_variant));
  put_u16(page_, reg::gc_tick, state_.gc_tick);
  std::copy(state_.uid.bytes().begin(), state_.uid.bytes().end(), page_.begin() + reg::uid);
  std::copy(state_.config.label.begin(), state_.config.label.end(), page_.begin() + reg::label);
}

void Module::render_digest() {
  const unsigned mask = state_.digest_config;
  if (mask == 0) return;
  const auto values = live_values();
  page_[reg::digest] = static_cast<std::uint8_t>((is_ready() ? 1U : 0U) | (state_.error != error::none ? 2U : 0U) |
                                                 (state_.event_flags != 0 ? 4U : 0U));
  page_[reg::digest_seq] = static_cast<std::uint8_t>(commits() & 0xFF);
  std::size_t at = reg::digest + 2U;
  const auto put = [&](std::uint32_t value) {
    put_u16(page_, at, value);
    at += 2;
  };
  if ((mask & 1U) != 0) {
    for (std::size_t i = 0; i < channels(); ++i) put(rounded(values.current.at(i) * 100, 0, 65535));
  }
  if ((mask & 2U) != 0) put(rounded(values.voltage * 10, 0, 65535));
  if ((mask & 4U) != 0) {
    for (std::size_t i = 0; i < channels(); ++i) {
      put(static_cast<std::uint32_t>(std::lround(std::clamp(values.active_power.at(i), -32767.0, 32767.0))) & 0xFFFFU);
    }
  }
  if ((mask & 8U) != 0) {
    for (std::size_t i = 0; i < channels(); ++i) {
      const double apparent = std::hypot(values.active_power.at(i), values.reactive_power.at(i));
      const double factor = apparent > 0 ? std::abs(values.active_power.at(i)) / apparent : 0.0;
      page_.at(at++) = static_cast<std::uint8_t>(std::lround(factor * 100));
    }
  }
}

void Module::render_live() {
  const auto values = live_values();
  put_f32(page_, reg::u_rms, values.voltage);
  put_f32(page_, reg::u_peak, values.voltage * crest);
  for (std::size_t i = 0; i < channels(); ++i) {
    const double apparent = std::hypot(values.active_power.at(i), values.reactive_power.at(i));
    double factor = apparent > 0 ? values.active_power.at(i) / apparent : 0.0;
    if (apparent == 0 && has_voltage(settings_.variant) && settings_.quirks.power_factor_nan_at_no_current) {
      factor = std::numeric_limits<double>::quiet_NaN();
    }
    put_f32(page_, reg::i0_rms + 4 * i, values.current.at(i));
    put_f32(page_, reg::i0_peak + 4 * i, values.current.at(i) * crest);
    put_f32(page_, reg::p0_real + 4 * i, values.active_power.at(i));
    put_f32(page_, reg::pf0 + 4 * i, factor);
    put_f32(page_, reg::q0_reac + 4 * i, values.reactive_power.at(i));
  }
}

void Module::render_period() {
  const auto& shown = state_.shown;
  std::uint32_t count = shown.commits;
  if (settings_.commit_count == CounterMode::live) count = static_cast<std::uint32_t>(state_.period_windows);
  if (settings_.commit_count == CounterMode::last_window) count = state_.windows > 0 ? 1 : 0;
  std::uint32_t length = shown.latch_ms;
  if (settings_.period_ms == CounterMode::live)
    length = static_cast<std::uint32_t>(chip_ms(state_.now) - state_.period_start_chip_ms);
  if (settings_.period_ms == CounterMode::last_window) {
    length = state_.windows > 0 ? static_cast<std::uint32_t>(in_milliseconds(settings_.window) * state_.chip_rate) : 0;
  }
  put_u32(page_, reg::period_commit_cnt, count);
  put_u32(page_, reg::period_ms, length);
  page_[reg::v03_status] = state_.now >= state_.booted_at + boot_to_valid ? 1 : 0;
  constexpr std::array<reg::Address, max_channels> averages{reg::period_avg_p, reg::period_avg_p_ch1, reg::period_avg_p_ch2};
  for (std::size_t i = 0; i < channels(); ++i) {
    put_f32(page_, averages.at(i), static_cast<double>(shown.average_import.at(i)));
    if (settings_.export_register)
      put_f32(page_, *settings_.export_register + 4 * i, static_cast<double>(shown.average_export.at(i)));
  }
  put_f32(page_, reg::period_max_p, static_cast<double>(shown.max_power));
  put_u32(page_, reg::period_latch_ms, shown.latch_ms);
}

/// Older maps have unrelated registers where v1.3 has identity: dimmer, temperature, fan, charge. Protocol 1.4.
void Module::render_legacy_noise() {
  constexpr std::array<std::array<std::size_t, 2>, 3> ranges{{{0x10, 0x1A}, {0x36, 0x45}, {0x50, 0x85}}};
  Random noise{hash_of(to_string(state_.uid))};
  for (const auto& [from, to] : ranges) {
    for (std::size_t at = from; at <= to; ++at) page_.at(at) = static_cast<std::uint8_t>(noise.next() & 0xFFU);
  }
}

std::uint8_t Module::capture_byte(std::size_t index) const {
  if (index >= reg::capture_window_size || state_.now < state_.capture_ready_at) return 0;
  constexpr double periods_captured = 1.3;
  constexpr double samples = 256.0;
  const std::size_t sample = std::size_t{state_.capture_page} * 32U + index / 2;
  const double rating = ct_rating_a.at(state_.config.ct_applied[0] < ct_rating_a.size() ? state_.config.ct_applied[0] : 0U);
  const double amplitude = rating > 0 ? live_values().current[0] / rating * 2047.0 : 0.0;
  const double angle = 2 * std::numbers::pi * periods_captured * static_cast<double>(sample) / samples;
  const auto code = rounded(2048.0 + amplitude * std::sin(angle), 0, 4095);
  return static_cast<std::uint8_t>(index % 2 == 0 ? code & 0xFFU : code >> 8U);
}

}  // namespace rbamp::simulator
