// Ten thousand deaths at random instants in virtual time: of the process, of a module's supply, of the bus, of what the disk takes,
// with broadcast and sequential latching, while a fault script runs. Design I1 to I5.
#include <array>

#include "kill_campaign.hpp"
#include "open_file.hpp"
#include "storage/verify.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;

namespace {

constexpr int kills_per_house = 100;
constexpr std::uint64_t houses = 110;
// Longer campaigns found these: modules that restarted between the reads of one look.
constexpr std::array<std::uint64_t, 10> torn_looks{196, 297, 505, 610, 944, 1049, 1079, 1252, 1402, 1433};

std::string first_of(const std::vector<std::string>& findings) { return findings.empty() ? std::string{} : findings.front(); }

}  // namespace

TEST_CASE("ten thousand deaths at random instants break no invariant, whatever dies and whatever else goes wrong") {
  CampaignReport all;
  for (std::uint64_t seed = 1; seed <= houses; ++seed) {
    const auto report = run_kill_campaign(seed, kills_per_house);
    INFO(report.words);
    INFO(first_of(report.findings));
    CHECK(report.findings.empty());
    all.process_deaths += report.process_deaths;
    all.module_deaths += report.module_deaths;
    all.bus_deaths += report.bus_deaths;
    all.disk_deaths += report.disk_deaths;
    all.lines.lines += report.lines.lines;
    all.lines.recovered += report.lines.recovered;
    all.lines.gaps += report.lines.gaps;
  }
  // The campaign did what it says.
  CHECK(all.process_deaths + all.module_deaths + all.bus_deaths + all.disk_deaths >= 10'000);
  CHECK(all.process_deaths > 5'000);
  CHECK(all.module_deaths > 1'000);
  CHECK(all.bus_deaths > 1'000);
  CHECK(all.disk_deaths > 500);
  CHECK(all.lines.recovered > 5'000);
  CHECK(all.lines.gaps > 500);
}

TEST_CASE("deaths that once split a look between two lives of a module break no invariant") {
  for (const auto seed : torn_looks) {
    const auto report = run_kill_campaign(seed, kills_per_house);
    INFO(report.words);
    INFO(first_of(report.findings));
    CHECK(report.findings.empty());
  }
}

TEST_CASE("after hundreds of random deaths the ledger's file verifies from end to end") {
  for (const std::uint64_t seed : {1001U, 1002U, 1003U}) {
    const TemporaryDirectory folder;
    storage::Settings settings;
    settings.path = folder.file("energy.db");
    settings.survives_power_cut = false;  // fsync belongs to the disk, not to us
    const ManualClock origin;
    auto opened =
        storage::Ledger::open(settings, TimeZone::utc(), {BootId{BootId::Bytes{7}}, origin.boot_now(), origin.utc_now(), true});
    REQUIRE(opened);
    OpenFile file{*opened->ledger};
    const auto report = run_kill_campaign(seed, kills_per_house, &file);
    INFO(report.words);
    INFO(first_of(report.findings));
    CHECK(report.findings.empty());
    const auto verdict = storage::verify_ledger(settings.path);
    REQUIRE(verdict);
    INFO((verdict->first_violation ? verdict->first_violation->where + ": " + verdict->first_violation->what : std::string{}));
    CHECK_FALSE(verdict->first_violation);
    CHECK(verdict->closings == report.lines.lines);
  }
}
