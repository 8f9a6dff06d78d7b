// The register page of an rbAmp module, firmware v1.3 (VERSION 0x04), in address order. Protocol section 4.
// Names follow the register schema, so that a reader finds them in the vendor's documents.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rbamp::protocol::reg {

using Address = std::uint8_t;

// 4.1 Control                                      size  access persist
inline constexpr Address status = 0x00;        //  u8   r   ram  bit0 READY, bit1 ERROR, bit2 EVENTS_PENDING
inline constexpr Address command = 0x01;       //  u8   w   ram  opcode, section 6
inline constexpr Address error = 0x02;         //  u8   r   ram  outcome of the last write or command, section 9.1
inline constexpr Address version = 0x03;       //  u8   r   rom  0x04 = v1.3
inline constexpr Address mode = 0x04;          //  u8   r   ram  internal
inline constexpr Address ct_model = 0x05;      //  u8   rw  uc   staging only, bound by 0x28..0x2A
inline constexpr Address period_valid = 0x07;  //  u8   r   ram  bit0: the last latch produced a snapshot

// 4.2 ADC diagnostics and raw capture
inline constexpr Address adc_mean_u = 0x10;      //  u16  r   ram  about 2048
inline constexpr Address adc_mean_i0 = 0x12;     //  u16  r   ram
inline constexpr Address adc_mean_i1 = 0x14;     //  u16  r   ram
inline constexpr Address adc_mean_i2 = 0x16;     //  u16  r   ram
inline constexpr Address capture_status = 0x18;  //  u8   r   ram  bit0 ready
inline constexpr Address capture_page = 0x19;    //  u8   rw  ram  0..7
inline constexpr Address capture_window = 0x1A;  //  64 B r   ram  special window for reads that start exactly here

// 4.3 System
inline constexpr Address ac_freq = 0x20;       //  u8   r   ram  Hz; 0 = no zero crossing
inline constexpr Address ac_period = 0x21;     //  u16  r   ram  µs, mains HALF period
inline constexpr Address topology = 0x24;      //  u8   r   rom  number of current channels
inline constexpr Address sensor_class = 0x25;  //  u8   rw  uc

// 4.4 Fleet, digest, events, thresholds
inline constexpr Address fleet_config = 0x27;   //  u8   rw  uc   bit0 GC_ENABLE, acts after a reset
inline constexpr Address group_id = 0x28;       //  u8   rw  uc
inline constexpr Address digest_config = 0x29;  //  u8   rw  ram  10.3
inline constexpr Address event_flags = 0x2A;    //  u8   w1c ram  9.3
inline constexpr Address event_mask = 0x2B;     //  u8   rw  ram  which flags hold DRDY low
inline constexpr Address thresh_i_hi = 0x2C;    //  u16  rw  ram  0.01 A, one byte per write
inline constexpr Address thresh_p_hi = 0x2E;    //  u16  rw  ram  1 W, one byte per write

// 4.5 Address
inline constexpr Address i2c_address = 0x30;        //  u8   rw  uc   active, or the staged candidate
inline constexpr Address addr_commit_magic = 0x31;  // u8 w   ram  0xA5 arms for 5 s

// 4.6 Health
inline constexpr Address uptime_s = 0x46;          //  u32  r   ram
inline constexpr Address reset_cause = 0x4A;       //  u8   r   ram
inline constexpr Address i2c_err_count = 0x4B;     //  u16  r   ram
inline constexpr Address i2c_reinit_count = 0x4D;  // u8  r   ram
inline constexpr Address zc_offset = 0x4E;         //  u16  r   ram  µs, 0xFFFF on I variants

// 4.7 CT mirrors and identity
inline constexpr Address ct_model_ch0 = 0x51;  //  u8   r   uc   model applied to the channel, 0 unset
inline constexpr Address product_id = 0x54;    //  u8   r   rom  0x01 rbAmp, 0x02 rbDimmer
inline constexpr Address hw_variant = 0x55;    //  u8   r   rom  1..6
inline constexpr Address fw_tier = 0x56;       //  u8   r   rom
inline constexpr Address capability = 0x57;    //  u16  r   rom  5.1
inline constexpr Address gc_tick = 0x59;       //  u16  r   ram  0xFFFF = none since boot; read twice
inline constexpr Address uid = 0x5C;           //  12 B r   rom
inline constexpr Address label = 0x68;         //  8 B  rw  uc   ASCII, one byte per write

// 4.8 Digest, real-time block
inline constexpr Address digest = 0x70;      //  22 B r   ram  10.3, read-freeze
inline constexpr Address digest_seq = 0x71;  //  u8   r   ram
inline constexpr Address u_rms = 0x86;       //  f32  r   ram  start of the 56-byte read-freeze block
inline constexpr Address u_peak = 0x8A;      //  f32
inline constexpr Address i0_rms = 0x8E;      //  f32 x3
inline constexpr Address i0_peak = 0x9A;     //  f32 x3
inline constexpr Address p0_real = 0xA6;     //  f32 x3, signed ("real" is the vendor's word for active)
inline constexpr Address pf0 = 0xB2;         //  f32 x3

// 4.9 Period block, Q, diagnostics
inline constexpr Address period_commit_cnt = 0xBE;  // u32 r  ram  live or latched: D10
inline constexpr Address period_avg_p_ch1 = 0xC2;   // f32 r  ram  latched
inline constexpr Address period_avg_p_ch2 = 0xC6;   // f32 r  ram  latched
inline constexpr Address period_ms = 0xCA;          //  u32  r   ram  diagnostic, D10
inline constexpr Address v03_status = 0xCE;         //  u8   r   ram  bit0 RT result valid since boot
inline constexpr Address q0_reac = 0xD0;            //  f32 x3, live, outside the read-freeze
inline constexpr Address period_avg_p = 0xDC;       //  f32  r   ram  latched mean of channel 0: the billing primitive
inline constexpr Address period_max_p = 0xE0;       //  f32  r   ram  latched, channel 0 only
inline constexpr Address period_latch_ms = 0xEC;    // u32  r   ram  chip time between the last two latches, slow 25-30 %

inline constexpr std::size_t capture_window_size = 64;
inline constexpr std::size_t digest_size = 22;
inline constexpr std::size_t live_block_size = 56;
inline constexpr std::size_t label_size = 8;

}  // namespace rbamp::protocol::reg
