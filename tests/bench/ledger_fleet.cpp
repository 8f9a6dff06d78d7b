#include "bench/ledger_fleet.hpp"

#include <stdexcept>

namespace rbamp::bench {
namespace {

constexpr std::uint64_t rounds_between_upkeep = 60;

template <class T>
T require(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

ModuleUid chip_number(std::size_t number) {
  ModuleUid::Bytes bytes{};
  bytes[0] = static_cast<std::uint8_t>(number + 1);
  bytes[11] = 0xAB;
  return ModuleUid{bytes};
}

}  // namespace

LedgerFleet::LedgerFleet(UtcTime begin) {
  BootId::Bytes boot{};
  boot[0] = 1;
  now_ = {BootId{boot}, BootTime{std::chrono::seconds{100}}, begin, true};
  before_ = now_;
}

void LedgerFleet::open(storage::Ledger& ledger) {
  accounts_.clear();
  for (std::size_t m = 0; m < modules; ++m) {
    metering::AccountRequest request{"module_" + std::to_string(m), chip_number(m), {}, now_.utc};
    for (std::uint8_t c = 0; c < channels; ++c) request.channels.push_back({ChannelIndex{c}, "channel_" + std::to_string(c)});
    accounts_.push_back(require(ledger.open_account(request)));
  }
}

void LedgerFleet::commit_round(storage::Ledger& ledger) {
  now_.at += period;
  now_.utc += period;
  std::vector<metering::ArmedLatch> latches;
  for (const auto& account : accounts_)
    latches.push_back({account.module, {now_, metering::LatchKind::broadcast, static_cast<std::uint16_t>(tick_ + 1), false}});
  require(ledger.arm(latches));
  metering::RoundCommit round;
  round.last_gc_tick = ++tick_ % metering::no_gc_tick;
  for (auto& account : accounts_) round.modules.push_back(close(account));
  require(ledger.commit(round));
  before_ = now_;
  if (++rounds_ % rounds_between_upkeep != 0) return;
  while (require(ledger.maintain(now_.utc, true)).has_more) {
  }
}

metering::ModuleCommit LedgerFleet::close(metering::Account& account) {
  metering::ModuleCommit commit{account.place, account.module, {}, {}, {}, {}};
  metering::Closing closing{account.place, account.module, {before_, now_, period}, {}, {}, {}, {}};
  for (auto& channel : account.channels) {
    auto& registers = channel.registers;
    const auto energy_import = next_energy();
    const auto energy_export = channel.index.value() == 0 ? next_energy() : MicroWattHours{0};
    registers.energy_import += energy_import;
    registers.energy_export += energy_export;
    registers.import_remainder = static_cast<double>(noise_ % 997) / 997.0;
    registers.export_remainder = channel.index.value() == 0 ? -static_cast<double>(noise_ % 499) / 499.0 : 0.0;
    closing.postings.push_back({channel.key, energy_import, energy_export, registers.energy_import, registers.energy_export,
                                registers.import_remainder, registers.export_remainder, false});
  }
  commit.closings.push_back(std::move(closing));
  auto& anchor = commit.anchor.emplace();
  anchor.at = now_;
  anchor.uncertainty = Microseconds{350};
  for (auto& byte : anchor.witness) byte = static_cast<std::uint8_t>(next_energy().value());
  anchor.commit_count = 301;
  anchor.uptime_s = static_cast<std::uint32_t>(now_.at.time_since_epoch() / std::chrono::seconds{1});
  anchor.gc_tick = tick_;
  metering::Instant next = now_;
  next.at += period;
  next.utc += period;
  commit.next_intent = metering::Intent{next, metering::LatchKind::broadcast, static_cast<std::uint16_t>(tick_ + 1), false};
  return commit;
}

/// 100 W to 3 kW for a minute.
MicroWattHours LedgerFleet::next_energy() {
  noise_ ^= noise_ << 13U;
  noise_ ^= noise_ >> 7U;
  noise_ ^= noise_ << 17U;
  return MicroWattHours{1'666'667 + static_cast<std::int64_t>(noise_ % 48'333'333)};
}

}  // namespace rbamp::bench
