// A fleet that only books: rounds with known energies for a ledger, and the truth beside them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/ledger.hpp"
#include "support/catch.hpp"

namespace rbamp::support {

BootId boot_number(std::uint8_t number);
ModuleUid chip_number(std::uint8_t number);

class FleetOfRows {
 public:
  static constexpr std::int64_t monday = 1767571200;  // 2026-01-05T00:00:00Z

  explicit FleetOfRows(std::size_t modules = 1, std::size_t channels = 3, std::int64_t start_s = monday);

  /// Opens all accounts; the first time, periods begin now.
  void open(storage::Ledger& ledger);
  void pass(Microseconds time);
  void reboot(std::uint8_t boot, Microseconds away);
  /// Closes the running period of module `m` now. The energies follow a simple pattern, so that each line differs.
  metering::Closing closing(std::size_t m, metering::Quality quality = metering::Quality::measured);
  metering::ModuleCommit module_commit(std::size_t m, metering::Quality quality = metering::Quality::measured);
  metering::RoundCommit round();
  std::vector<metering::ArmedLatch> latches() const;

  std::vector<metering::Account> accounts;
  std::map<metering::PlaceKey, metering::Instant> covered;
  metering::Instant now;
  std::map<BootId, Microseconds> boot_began{{boot_number(1), Microseconds::zero()}};
  std::int64_t pattern = 0;
  std::uint16_t tick = 0;
  std::size_t chip_offset = 1;
  bool exports = true;
  bool is_sequential = false;

 private:
  /// The time that passes for the modules, whatever the labels say: a clock that is stepped makes no period longer or shorter.
  Microseconds real_time(const metering::Instant& when) const;

  std::size_t module_count_;
  std::size_t channel_count_;
};

storage::Settings settings_for(const std::string& path);
std::unique_ptr<storage::Ledger> open_ledger(const storage::Settings& settings, const metering::Instant& now,
                                             const TimeZone& zone = TimeZone::utc());
void expect_same_registers(const FleetOfRows& before, const FleetOfRows& after);

}  // namespace rbamp::support
