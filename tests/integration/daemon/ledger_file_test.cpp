// A real ledger that breaks under a house that is metered, in virtual time: what was booked goes on as if nothing had been.
#include "daemon/ledger_file.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/house.hpp"
#include "support/one_kilowatt.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::minutes;
namespace fs = std::filesystem;

namespace {

constexpr I2cAddress address{0x50};

/// A ledger in front of another: a disk that refuses.
class RefusingDisk final : public metering::Ledger {
 public:
  explicit RefusingDisk(metering::Ledger& inner) : inner_(inner) {}
  bool refuses = false;

  Result<metering::Account> open_account(const metering::AccountRequest& request) override {
    return inner_.open_account(request);
  }
  Result<void> arm(std::span<const metering::ArmedLatch> latches) override { return inner_.arm(latches); }
  Result<void> commit(const metering::RoundCommit& round) override {
    if (refuses) return failure(Errc::ledger_io, Remedy::wait, "the card refuses writes");
    return inner_.commit(round);
  }
  Result<void> reopen(const metering::Instant& now) override { return inner_.reopen(now); }
  [[nodiscard]] std::uint16_t last_gc_tick() const override { return inner_.last_gc_tick(); }
  Result<void> maintain(UtcTime now, bool trusted) override { return inner_.maintain(now, trusted); }

 private:
  metering::Ledger& inner_;
};

struct MeteredFile {
  TemporaryDirectory folder;
  MemorySink sink;
  log::Logger logger{sink, log::Level::info};
  storage::Settings settings = settings_in(folder);
  std::unique_ptr<daemon::LedgerFile> file = open();
  RefusingDisk disk{*file};
  House house{one_kilowatt(address), &disk};

  static storage::Settings settings_in(const TemporaryDirectory& folder) {
    storage::Settings settings;
    settings.path = folder.file("energy.db");
    settings.survives_power_cut = false;
    return settings;
  }
  std::unique_ptr<daemon::LedgerFile> open() {
    const ManualClock clock;
    auto opened =
        storage::Ledger::open(settings, TimeZone::utc(), {BootId{BootId::Bytes{7}}, clock.boot_now(), clock.utc_now(), true});
    REQUIRE(opened);
    return std::make_unique<daemon::LedgerFile>(std::move(opened->ledger), settings, TimeZone::utc(), logger);
  }
  /// Every page but the first becomes garbage, and nothing newer is in the log.
  void damage() const {
    SQLite::Database{settings.path, SQLite::OPEN_READWRITE, 2000}.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    std::fstream bytes{settings.path, std::ios::in | std::ios::out | std::ios::binary};
    bytes.seekp(4096);
    bytes << std::string(fs::file_size(settings.path) - 4096, 'x');
  }
  [[nodiscard]] double ask(const std::string& question) const {
    const SQLite::Database database{settings.path, SQLite::OPEN_READONLY};
    SQLite::Statement query{database, question};
    query.executeStep();
    return query.getColumn(0).getDouble();
  }
  [[nodiscard]] double told_wh() {
    return house.output().registers[House::place(address) + "/ch0"].energy_import.to_watt_hours().value();
  }
};

}  // namespace

TEST_CASE("a ledger that breaks while it is used is opened anew, and no period is lost") {
  MeteredFile metered;
  auto& house = metered.house;
  house.start();
  house.run_for(minutes{10});
  const double before = metered.told_wh();
  REQUIRE(before > 100.0);
  const bool waited = GENERATE(false, true);
  if (waited) {
    metered.disk.refuses = true;
    house.run_for(minutes{10});
    CHECK(metered.told_wh() == before);
    metered.disk.refuses = false;
  }
  metered.damage();
  house.run_for(minutes{10});
  INFO("waited: " << waited);
  CHECK(house.log().contains("with all registers as they were"));
  CHECK(metered.sink.contains("it was kept as"));
  CHECK(house.bookkeeper().backlog() == 0);
  CHECK(house.bookkeeper().problem().empty());
  CHECK_FALSE(house.output().fell);
  constexpr double period_wh = 1000.0 / 60.0;
  CHECK(metered.told_wh() == Approx((waited ? 30.0 : 20.0) * period_wh).margin(period_wh));  // but for the running one
  house.stop();
  metered.file.reset();
  CHECK(metered.ask("SELECT count(*) FROM energy_log WHERE quality = 'gap'") == 0);
  // What the old file holds and what the new one holds follow on each other.
  CHECK(metered.ask("SELECT min(total_import_wh - e_import_wh) FROM energy_log") == Approx(before).margin(1e-3));
}

TEST_CASE("a ledger that cannot be opened anew fails every call, until it can") {
  MeteredFile metered;
  const metering::Instant now{BootId{BootId::Bytes{7}}, BootTime{minutes{1}}, UtcTime{minutes{1}}, true};
  auto& file = *metered.file;
  file.set_text("name", "value");
  {  // while it is used it becomes another program's
    SQLite::Database{metered.settings.path, SQLite::OPEN_READWRITE, 2000}.exec("PRAGMA application_id = 12345");
    const auto failed = file.reopen(now);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().detail.find("another program") != std::string::npos);
    const auto account = file.open_account({"mains", ModuleUid{}, {{ChannelIndex{0}, "ch0"}}, now.utc});
    REQUIRE_FALSE(account);
    CHECK(account.error().detail == failed.error().detail);
    CHECK_FALSE(file.arm({}));
    CHECK_FALSE(file.commit({}));
    CHECK_FALSE(file.maintain(now.utc, true));
    CHECK_FALSE(file.relabel(now.boot, Microseconds{}, now.at));
    CHECK_FALSE(file.text("name"));
    CHECK(file.health().file_bytes == 0);
  }
  fs::rename(metered.settings.path, metered.folder.file("aside.db"));
  CHECK(file.reopen(now));
  CHECK(file.open_account({"mains", ModuleUid{}, {{ChannelIndex{0}, "ch0"}}, now.utc}));
}
