#include "commissioning/ram_settings.hpp"

#include "protocol/bytes.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;

namespace {

constexpr std::size_t block_size = 7;  // 0x29..0x2F: digest, flags, mask, both thresholds
static_assert(reg::digest_config + block_size == reg::thresh_p_hi + 2);

constexpr std::size_t at(reg::Address address) { return static_cast<std::size_t>(address - reg::digest_config); }

}  // namespace

Result<RamSettings> RamSettings::read(const ModuleLink& module) {
  const auto bytes = module.read_twice<block_size>(reg::digest_config, [](fleet::ReadBytes a, fleet::ReadBytes b) {
    constexpr auto flags = at(reg::event_flags);  // may come at any time
    return fleet::identical(a.first(flags), b.first(flags)) && fleet::identical(a.subspan(flags + 1), b.subspan(flags + 1));
  });
  if (!bytes) return failure(bytes.error());
  return RamSettings{protocol::DigestMask{(*bytes)[at(reg::digest_config)]}, protocol::Events{(*bytes)[at(reg::event_mask)]},
                     protocol::load_u16(*bytes, at(reg::thresh_i_hi)), protocol::load_u16(*bytes, at(reg::thresh_p_hi))};
}

Result<void> RamSettings::restore(const ModuleLink& module) const {
  const auto now = read(module);
  if (!now) return failure(now.error());
  if (now->threshold_current != threshold_current) {
    if (auto done = write_threshold(module, reg::thresh_i_hi, now->threshold_current, threshold_current); !done) return done;
  }
  if (now->threshold_power != threshold_power) {
    if (auto done = write_threshold(module, reg::thresh_p_hi, now->threshold_power, threshold_power); !done) return done;
  }
  if (now->digest != digest) {
    if (auto done = module.write({reg::digest_config, digest.raw()}, "the digest mask"); !done) return done;
  }
  if (now->event_mask != event_mask) {
    if (auto done = module.write({reg::event_mask, event_mask.raw()}, "the event mask"); !done) return done;
  }
  return {};
}

Result<void> write_threshold(const ModuleLink& module, reg::Address start, std::uint16_t from, std::uint16_t to) {
  for (const auto& write : protocol::threshold_writes(start, from, to)) {
    if (auto done = module.write(write, "the threshold"); !done) return done;
  }
  const auto bytes = module.read_twice<2>(start);
  if (!bytes) return failure(bytes.error());
  if (protocol::load_u16(*bytes, 0) == to) return {};
  return failure(Errc::torn_read, Remedy::retry,
                 module.name() + " shows the threshold " + std::to_string(protocol::load_u16(*bytes, 0)) + " after " +
                     std::to_string(to) + " was written (raw values): set it again");
}

}  // namespace rbamp::commissioning
