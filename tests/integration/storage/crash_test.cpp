// Death at any instant: the files as they stood at that moment must open as a ledger that holds every committed round.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

void copy_ledger_files(const std::string& from, const std::string& to) {
  for (const char* suffix : {"", "-wal", ".registers"}) {
    fs::remove(to + suffix);
    if (fs::exists(from + suffix)) fs::copy_file(from + suffix, to + suffix);
  }
  fs::remove(to + "-shm");
}

}  // namespace

TEST_CASE("the files as they are after any call open with exactly the committed rounds") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = std::chrono::hours{24};
  const auto copy = settings_for(folder.file("copy.db"));
  FleetOfRows fleet{3, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  const auto expect_recoverable = [&] {
    copy_ledger_files(settings.path, copy.path);
    auto recovered = open_ledger(copy, fleet.now);
    FleetOfRows after = fleet;
    after.open(*recovered);
    expect_same_registers(fleet, after);
    CHECK(recovered->last_gc_tick() == (fleet.tick == 0 ? metering::no_gc_tick : fleet.tick));
    recovered.reset();
    expect_sound(copy.path);
  };
  for (int i = 0; i < 240; ++i) {
    fleet.pass(seconds{600});
    REQUIRE(ledger->arm(fleet.latches()));
    if (i % 7 == 0) expect_recoverable();
    REQUIRE(ledger->commit(fleet.round()));
    if (i % 5 == 0) expect_recoverable();
    REQUIRE(ledger->maintain(fleet.now.utc, true));
    if (i % 11 == 0) expect_recoverable();
  }
}

TEST_CASE("a log cut at any byte opens with all rounds up to the cut") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto copy = settings_for(folder.file("copy.db"));
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  std::vector<std::pair<std::uintmax_t, FleetOfRows>> states;  // length of the log, registers then
  states.emplace_back(fs::file_size(settings.path + "-wal"), fleet);
  for (int i = 0; i < 40; ++i) {
    fleet.pass(seconds{60});
    REQUIRE(ledger->arm(fleet.latches()));
    REQUIRE(ledger->commit(fleet.round()));
    states.emplace_back(fs::file_size(settings.path + "-wal"), fleet);
  }
  REQUIRE(states.back().first > states.front().first);
  std::mt19937 random{11};  // NOLINT: reproducible on purpose
  for (int i = 0; i < 150; ++i) {
    const auto cut = std::uniform_int_distribution<std::uintmax_t>{states.front().first, states.back().first}(random);
    const FleetOfRows* expected = nullptr;
    for (const auto& [length, state] : states) {
      if (length <= cut) expected = &state;
    }
    copy_ledger_files(settings.path, copy.path);
    fs::resize_file(copy.path + "-wal", cut);
    if (i % 3 == 0) {  // and a torn last block behind it
      std::ofstream{copy.path + "-wal", std::ios::binary | std::ios::app}
          << std::string(static_cast<std::size_t>(i) * 37, '\x5A');
    }
    auto recovered = open_ledger(copy, fleet.now);
    FleetOfRows after = *expected;
    after.open(*recovered);
    INFO("cut at " << cut);
    expect_same_registers(*expected, after);
    recovered.reset();
    expect_sound(copy.path);
  }
}

TEST_CASE("a process killed at random instants loses no committed round and its registers never fall") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  std::mt19937 random{5};  // NOLINT: reproducible on purpose
  FleetOfRows fleet{3, 2};
  MicroWattHours last_total;
  for (int life = 0; life < 25; ++life) {
    int report[2] = {};
    REQUIRE(::pipe(report) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(report[0]);
      auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
      if (!opened) ::_exit(1);
      for (std::size_t m = 0; m < 3; ++m) {
        metering::AccountRequest request{
            "m" + std::to_string(m), chip_number(static_cast<std::uint8_t>(m + 1)), {}, fleet.now.utc};
        for (std::uint8_t c = 0; c < 2; ++c) request.channels.push_back({ChannelIndex{c}, "ch" + std::to_string(c)});
        auto account = opened->ledger->open_account(request);
        if (!account) ::_exit(2);
        fleet.accounts.push_back(*account);
        fleet.covered[account->place] = account->covered_until.value_or(fleet.now);
        if (account->covered_until) fleet.now = *account->covered_until;
      }
      fleet.tick = opened->ledger->last_gc_tick() == metering::no_gc_tick ? std::uint16_t{0} : opened->ledger->last_gc_tick();
      for (;;) {  // until killed: commit, then publish
        fleet.pass(seconds{60});
        if (!opened->ledger->arm(fleet.latches()) || !opened->ledger->commit(fleet.round()) ||
            !opened->ledger->maintain(fleet.now.utc, true))
          ::_exit(3);
        const std::int64_t published = fleet.accounts[0].channels[0].registers.energy_import.value();
        if (::write(report[1], &published, sizeof published) != sizeof published) ::_exit(4);
      }
    }
    ::close(report[1]);
    // Death comes somewhere in the work after the n-th published round, not at a boundary.
    std::int64_t published = 0;
    const int rounds = std::uniform_int_distribution<int>{1, 60}(random);
    for (int i = 0; i < rounds; ++i) REQUIRE(::read(report[0], &published, sizeof published) == sizeof published);
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    for (std::int64_t more = 0; ::read(report[0], &more, sizeof more) == sizeof more;) published = more;
    ::close(report[0]);

    expect_sound(settings.path);
    auto ledger = open_ledger(settings, fleet.now);
    const auto account =
        ledger->open_account({"m0", chip_number(1), {{ChannelIndex{0}, "ch0"}, {ChannelIndex{1}, "ch1"}}, fleet.now.utc});
    REQUIRE(account);
    const auto total = account->channels[0].registers.energy_import;
    CHECK(total >= MicroWattHours{published});  // I4: what was published is committed
    CHECK(total >= last_total);
    last_total = total;
  }
}

TEST_CASE("random rounds keep all invariants, whatever their order, quality and restarts") {
  const TemporaryDirectory folder;
  auto settings = settings_for(folder.file("energy.db"));
  settings.raw_retention = std::chrono::hours{24};
  settings.quarter_hour_retention = std::chrono::hours{72};
  std::mt19937 random{GENERATE(1U, 2U, 3U, 4U)};  // NOLINT: reproducible on purpose
  const auto chance = [&](int one_in) { return std::uniform_int_distribution<int>{1, one_in}(random) == 1; };
  const auto zone = TimeZone::find("America/St_Johns").value();
  FleetOfRows fleet{5, 3, 1774700000};  // over the end of winter time
  auto ledger = open_ledger(settings, fleet.now, zone);
  fleet.open(*ledger);
  std::uint8_t boot = 1;
  for (int i = 0; i < 600; ++i) {
    fleet.pass(Microseconds{std::uniform_int_distribution<std::int64_t>{1, 1'500'000'000}(random)});
    metering::RoundCommit round;
    for (std::size_t m = 0; m < fleet.accounts.size(); ++m) {
      if (chance(4)) continue;  // not reached this time
      const auto quality = chance(6) ? static_cast<metering::Quality>(std::uniform_int_distribution<int>{1, 3}(random))
                                     : metering::Quality::measured;
      round.modules.push_back(fleet.module_commit(m, quality));
      if (chance(3)) fleet.pass(Microseconds{std::uniform_int_distribution<std::int64_t>{1, 900'000}(random)});
    }
    const auto committed = ledger->commit(round);
    if (!committed) FAIL(committed.error().detail);
    if (chance(3)) REQUIRE(ledger->maintain(fleet.now.utc, fleet.now.utc_is_trusted));
    if (chance(40)) {
      if (chance(2))
        fleet.now.utc += Microseconds{std::uniform_int_distribution<std::int64_t>{-7'200'000'000, 7'200'000'000}(random)};
      fleet.now.utc_is_trusted = !chance(3);
    }
    if (chance(30)) REQUIRE(ledger->relabel(fleet.now.boot, fleet.now.utc.time_since_epoch() - fleet.now.at.time_since_epoch()));
    if (chance(30)) {
      ledger.reset();
      if (chance(2)) fleet.reboot(++boot, std::chrono::minutes{3});
      ledger = open_ledger(settings, fleet.now, zone);
      FleetOfRows after = fleet;
      after.open(*ledger);
      expect_same_registers(fleet, after);
      for (std::size_t m = 0; m < fleet.accounts.size(); ++m) fleet.accounts[m].channels = after.accounts[m].channels;
    }
    if (chance(25)) expect_sound(settings.path);
  }
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
  ledger.reset();
  expect_sound(settings.path);
}
