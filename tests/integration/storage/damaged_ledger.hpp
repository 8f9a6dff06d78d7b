// A ledger to be damaged, and what a person or a bad card does to its files.
#pragma once

#include <filesystem>
#include <fstream>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "storage/snapshot.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::support {

inline std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline void put(const std::string& path, const std::string& content) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << content;
}

/// A ledger with some days of history and a snapshot of its last midnight, as a process leaves it that is killed after its log was
/// copied: an orderly end would leave a newer snapshot.
inline FleetOfRows make_ledger(const storage::Settings& settings, int rounds = 300) {
  FleetOfRows fleet{3, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  REQUIRE(ledger->set_state("mqtt.retired", "something"));
  for (int i = 0; i < rounds; ++i) {
    fleet.pass(std::chrono::seconds{300});
    REQUIRE(ledger->commit(fleet.round()));
    REQUIRE(ledger->maintain(fleet.now.utc, true));
  }
  const auto daily = content_of(settings.path + ".registers");
  ledger.reset();
  put(settings.path + ".registers", daily);
  return fleet;
}

inline void overwrite(const std::string& path, std::uint64_t offset, const std::string& bytes) {
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  file.seekp(static_cast<std::streamoff>(offset));
  file << bytes;
  REQUIRE(file.good());
}

inline std::vector<std::string> set_aside_files(const TemporaryDirectory& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{folder.path()}) {
    if (entry.path().filename().string().find(".damaged-") != std::string::npos)
      names.push_back(entry.path().filename().string());
  }
  return names;
}

inline std::uint64_t page_of(const std::string& path, const std::string& table) {
  return static_cast<std::uint64_t>(PlainSqlite{path}.integer("SELECT pageno FROM dbstat WHERE name = '" + table +
                                                              "' AND pagetype = 'leaf' ORDER BY path DESC"));
}

inline constexpr std::uint64_t page_bytes = 512;

struct Reopened {
  FleetOfRows fleet;
  std::string said;
};

/// Opens, checks that metering can go on, and returns the registers it goes on with.
inline Reopened reopen(const storage::Settings& settings, const FleetOfRows& before) {
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), before.now);
  if (!opened) FAIL(opened.error().detail);
  Reopened reopened{before, {}};
  for (const auto& notice : opened->notices) reopened.said += notice.text + "\n";
  reopened.fleet.open(*opened->ledger);
  for (auto& [place, covered] : reopened.fleet.covered) covered = before.now;
  FleetOfRows going_on = reopened.fleet;
  for (auto& account : going_on.accounts) {
    if (account.covered_until) going_on.covered[account.place] = *account.covered_until;
  }
  going_on.pass(std::chrono::seconds{60});
  REQUIRE(opened->ledger->commit(going_on.round()));
  opened->ledger.reset();
  expect_sound(settings.path);
  return reopened;
}

inline void expect_no_fall(const FleetOfRows& midnight, const FleetOfRows& after) {
  for (std::size_t m = 0; m < after.accounts.size(); ++m) {
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(after.accounts[m].channels[c].registers.energy_import >= midnight.accounts[m].channels[c].registers.energy_import);
      CHECK(after.accounts[m].channels[c].registers.since == midnight.accounts[m].channels[c].registers.since);
    }
  }
}

/// What the daily snapshot says, as registers of the fleet.
inline FleetOfRows snapshot_registers(const storage::Settings& settings, FleetOfRows fleet) {
  const auto snapshot = storage::load_snapshot(storage::snapshot_path(settings.path));
  REQUIRE(snapshot);
  REQUIRE(*snapshot);
  for (auto& account : fleet.accounts) {
    for (auto& channel : account.channels) {
      for (const auto& place : (*snapshot)->places) {
        for (const auto& saved : place.channels) {
          if (place.name == account.place_id && saved.name == channel.id) channel.registers = saved.registers;
        }
      }
    }
  }
  return fleet;
}

}  // namespace rbamp::support
