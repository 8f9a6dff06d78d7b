#include "fleet_of_rows.hpp"

namespace rbamp::support {

FleetOfRows::FleetOfRows(std::size_t modules, std::size_t channels, std::int64_t start_s)
    : module_count_(modules), channel_count_(channels) {
  now.boot = boot_number(1);
  now.at = BootTime{std::chrono::seconds{1000}};
  now.utc = UtcTime{std::chrono::seconds{start_s}};
  now.utc_is_trusted = true;
}

void FleetOfRows::open(storage::Ledger& ledger) {
  accounts.clear();
  for (std::size_t m = 0; m < module_count_; ++m) {
    metering::AccountRequest request{
        "m" + std::to_string(m), chip_number(static_cast<std::uint8_t>(m + chip_offset)), {}, now.utc};
    for (std::size_t c = 0; c < channel_count_; ++c)
      request.channels.push_back({ChannelIndex{static_cast<std::uint8_t>(c)}, "ch" + std::to_string(c)});
    auto account = ledger.open_account(request);
    REQUIRE(account);
    accounts.push_back(*account);
    if (!covered.contains(account->place)) covered[account->place] = now;
  }
}

void FleetOfRows::pass(Microseconds time) {
  now.at += time;
  now.utc += time;
}

void FleetOfRows::reboot(std::uint8_t boot, Microseconds away) {
  const Microseconds back_at = real_time(now) + away;
  now.boot = boot_number(boot);
  now.at = BootTime{std::chrono::seconds{50}};
  now.utc += away;
  boot_began[now.boot] = back_at - now.at.time_since_epoch();
}

metering::Closing FleetOfRows::closing(std::size_t m, metering::Quality quality) {
  auto& account = accounts[m];
  auto& begin = covered[account.place];
  metering::Closing closing;
  closing.place = account.place;
  closing.module = account.module;
  closing.span = {begin, now, real_time(now) - real_time(begin)};
  closing.quality = quality;
  begin = now;
  for (auto& channel : account.channels) {
    const bool is_gap = quality == metering::Quality::gap;
    ++pattern;
    const MicroWattHours energy_import{is_gap ? 0 : 16'000'000 + pattern % 1'000'003};
    const MicroWattHours energy_export{is_gap || channel.index.value() != 0 || !exports ? 0 : 3'000'000 + pattern % 7919};
    auto& registers = channel.registers;
    registers.energy_import += energy_import;
    registers.energy_export += energy_export;
    registers.import_remainder = static_cast<double>(pattern % 997) / 997.0;
    registers.export_remainder = exports ? -static_cast<double>(pattern % 499) / 499.0 : 0.0;
    closing.postings.push_back({channel.key, energy_import, energy_export, registers.energy_import, registers.energy_export,
                                registers.import_remainder, registers.export_remainder, false});
  }
  return closing;
}

metering::ModuleCommit FleetOfRows::module_commit(std::size_t m, metering::Quality quality) {
  metering::ModuleCommit commit;
  commit.place = accounts[m].place;
  commit.module = accounts[m].module;
  commit.closings.push_back(closing(m, quality));
  commit.anchor = metering::Anchor{
      now, Microseconds{350}, {}, 301, static_cast<std::uint32_t>(now.at.time_since_epoch().count() / 1'000'000), tick, true};
  for (std::size_t i = 0; i < commit.anchor->witness.size(); ++i)
    commit.anchor->witness[i] = static_cast<std::uint8_t>(static_cast<std::size_t>(pattern) * 31 + i * 7 + m);
  metering::Instant next = now;
  next.at += std::chrono::seconds{60};
  next.utc += std::chrono::seconds{60};
  commit.next_intent = metering::Intent{next, metering::LatchKind::broadcast, static_cast<std::uint16_t>(tick + 1), false};
  return commit;
}

metering::RoundCommit FleetOfRows::round() {
  metering::RoundCommit round;
  ++tick;
  for (std::size_t m = 0; m < accounts.size(); ++m) {
    round.modules.push_back(module_commit(m));
    if (is_sequential) pass(std::chrono::milliseconds{1});
  }
  round.last_gc_tick = tick;
  return round;
}

std::vector<metering::ArmedLatch> FleetOfRows::latches() const {
  std::vector<metering::ArmedLatch> latches;
  for (const auto& account : accounts) {
    latches.push_back({account.module, {now, metering::LatchKind::broadcast, static_cast<std::uint16_t>(tick + 1), false, true}});
  }
  return latches;
}

Microseconds FleetOfRows::real_time(const metering::Instant& when) const {
  return boot_began.at(when.boot) + when.at.time_since_epoch();
}

BootId boot_number(std::uint8_t number) {
  BootId::Bytes bytes{};
  bytes[0] = number;
  bytes[15] = 1;
  return BootId{bytes};
}

ModuleUid chip_number(std::uint8_t number) {
  ModuleUid::Bytes bytes{};
  bytes[0] = number;
  bytes[11] = 0xAB;
  return ModuleUid{bytes};
}

storage::Settings settings_for(const std::string& path) {
  storage::Settings settings;
  settings.path = path;
  settings.survives_power_cut = false;  // tests kill programs, not machines
  return settings;
}

std::unique_ptr<storage::Ledger> open_ledger(const storage::Settings& settings, const metering::Instant& now,
                                             const TimeZone& zone) {
  auto opened = storage::Ledger::open(settings, zone, now);
  if (!opened) FAIL(opened.error().detail);
  for (const auto& note : opened->notices) UNSCOPED_INFO(note.text);
  return std::move(opened->ledger);
}

void expect_same_registers(const FleetOfRows& before, const FleetOfRows& after) {
  REQUIRE(before.accounts.size() == after.accounts.size());
  for (std::size_t m = 0; m < before.accounts.size(); ++m) {
    for (std::size_t c = 0; c < before.accounts[m].channels.size(); ++c) {
      const auto& a = before.accounts[m].channels[c].registers;
      const auto& b = after.accounts[m].channels[c].registers;
      CHECK(a.energy_import == b.energy_import);
      CHECK(a.energy_export == b.energy_export);
      CHECK(a.import_remainder == Approx(b.import_remainder).margin(1.0 / 32767.0));
      CHECK(a.export_remainder == Approx(b.export_remainder).margin(1.0 / 32767.0));
      CHECK(a.since == b.since);
    }
  }
}

}  // namespace rbamp::support
