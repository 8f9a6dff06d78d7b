#include "bench/virtual_day.hpp"

#include <sys/resource.h>

#include <cmath>
#include <fstream>

#include "bench/cpu_time.hpp"
#include "daemon/ledger_file.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::bench {
namespace {

/// Bytes this process has handed to the file system.
double written_bytes() {
  std::ifstream io{"/proc/self/io"};
  std::string key;
  double value = 0.0;
  while (io >> key >> value) {
    if (key == "wchar:") return value;
  }
  return 0.0;
}

/// Keeps what the ledger was given, so that its lines can be held against the truth.
class TappedLedger final : public metering::Ledger {
 public:
  explicit TappedLedger(daemon::LedgerFile& inner) : inner_(inner) {}
  Result<metering::Account> open_account(const metering::AccountRequest& request) override {
    auto account = inner_.open_account(request);
    if (account) {
      for (const auto& channel : account->channels) channels[channel.key] = {request.place_id, channel.index.value()};
    }
    return account;
  }
  Result<void> arm(std::span<const metering::ArmedLatch> latches) override { return inner_.arm(latches); }
  Result<void> commit(const metering::RoundCommit& round) override {
    ++rounds;
    for (const auto& module : round.modules) {
      for (const auto& closing : module.closings) {
        for (const auto& posting : closing.postings) {
          auto& sum = sums[posting.channel];
          if (sum.lines++ == 0) sum.begin = closing.span.begin.at;
          sum.end = closing.span.end.at;
          sum.energy_import += posting.energy_import;
        }
      }
    }
    return inner_.commit(round);
  }
  std::uint16_t last_gc_tick() const override { return inner_.last_gc_tick(); }
  Result<void> maintain(UtcTime now, bool trusted) override { return inner_.maintain(now, trusted); }

  struct Sum {
    BootTime begin{};
    BootTime end{};
    MicroWattHours energy_import;
    std::size_t lines = 0;
  };
  struct Where {
    std::string place;
    std::uint8_t channel = 0;
  };
  std::map<metering::ChannelKey, Sum> sums;
  std::map<metering::ChannelKey, Where> channels;
  std::size_t rounds = 0;

 private:
  daemon::LedgerFile& inner_;
};

}  // namespace

DayReport run_day(const std::string& name, support::HouseSettings settings) {
  const support::TemporaryDirectory folder;
  support::MemorySink sink;
  log::Logger log{sink, log::Level::warning};
  storage::Settings storage;
  storage.path = (folder.path() / "energy.db").string();
  storage.survives_power_cut = false;  // fsync belongs to the disk, not to us
  const ManualClock origin;
  auto opened =
      storage::Ledger::open(storage, TimeZone::utc(), {BootId{BootId::Bytes{7}}, origin.boot_now(), origin.utc_now(), true});
  if (!opened) throw std::runtime_error(opened.error().detail);
  daemon::LedgerFile file{std::move(opened->ledger), storage, TimeZone::utc(), log};
  TappedLedger ledger{file};

  const std::size_t modules = settings.world.modules.size();
  support::House house{std::move(settings), &ledger};
  const double cpu = cpu_seconds();
  const double written = written_bytes();
  const auto wall = std::chrono::steady_clock::now();
  house.start();
  house.run_for(std::chrono::hours{24} + std::chrono::minutes{1});

  DayReport report;
  report.name = name;
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  report.periods = 24 * 60;
  report.cpu_us_per_period = (cpu_seconds() - cpu) * 1e6 / static_cast<double>(report.periods);
  report.disk_bytes_per_period = (written_bytes() - written) / static_cast<double>(report.periods);
  const auto traffic = house.world().bus()->traffic();
  const double shares = static_cast<double>(report.periods) * static_cast<double>(modules);
  report.transactions_per_module_period = static_cast<double>(traffic.transactions) / shares;
  report.bytes_per_module_period = static_cast<double>(traffic.data_bytes) / shares;
  report.bus_ms_per_module_period = static_cast<double>(traffic.bits) * 0.01 / shares;  // 10 µs a bit at 100 kHz
  for (const auto& [key, sum] : ledger.sums) {
    const auto& where = ledger.channels.at(key);
    for (std::size_t module = 0; module < modules; ++module) {
      const auto address = house.settings().world.modules[module].address;
      if (support::House::place(address) != where.place) continue;
      const auto truth = house.world().physical_between(module, where.channel, sum.begin, sum.end).import_j / 3600.0;
      if (truth <= 0.0) continue;
      report.error_percent =
          std::max(report.error_percent, std::abs(sum.energy_import.to_watt_hours().value() - truth) / truth * 100.0);
    }
  }
  return report;
}

}  // namespace rbamp::bench
