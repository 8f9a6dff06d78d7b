// Every single page of a ledger is lost once. Whatever it held, metering goes on, no register falls behind what can be known, and
// none claims more than was measured.
#include "damaged_ledger.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

/// What a page holds, by name of its table; empty for SQLite's own pages and free ones.
std::map<std::int64_t, std::string> names_of_pages(const std::string& path) {
  std::map<std::int64_t, std::string> names;
  for (const auto& row : PlainSqlite{path}.rows("SELECT pageno || ' ' || name FROM dbstat")) {
    const auto space = row.find(' ');
    names[std::stoll(row.substr(0, space))] = row.substr(space + 1);
  }
  return names;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* one) { return name == one; });
}

/// The registers that the file itself holds: the newest closings come on top of them.
FleetOfRows stored_registers(const std::string& path, FleetOfRows fleet) {
  PlainSqlite database{path};
  for (auto& account : fleet.accounts) {
    for (auto& channel : account.channels) {
      const auto key = std::to_string(static_cast<std::int64_t>(channel.key));
      const auto total = [&](const char* column) {
        return MicroWattHours{database.integer("SELECT " + std::string{column} + " FROM registers WHERE channel = " + key)};
      };
      channel.registers.energy_import = total("total_import");
      channel.registers.energy_export = total("total_export");
    }
  }
  return fleet;
}

void expect_between(const FleetOfRows& least, const FleetOfRows& found, const FleetOfRows& most) {
  for (std::size_t m = 0; m < found.accounts.size(); ++m) {
    for (std::size_t c = 0; c < found.accounts[m].channels.size(); ++c) {
      const auto& registers = found.accounts[m].channels[c].registers;
      CHECK(least.accounts[m].channels[c].registers.energy_import <= registers.energy_import);
      CHECK(least.accounts[m].channels[c].registers.energy_export <= registers.energy_export);
      CHECK(registers.energy_import <= most.accounts[m].channels[c].registers.energy_import);
      CHECK(registers.energy_export <= most.accounts[m].channels[c].registers.energy_export);
    }
  }
}

bool is_damage(const Error& error) { return error.is(Errc::ledger_damaged) && error.remedy == Remedy::reinitialise; }

/// Commits a round as the daemon would: a ledger that says that it is damaged is opened anew, and the same round repeated.
void commit_whatever_it_takes(const storage::Settings& settings, std::unique_ptr<storage::Ledger> ledger, FleetOfRows& fleet) {
  const auto round = fleet.round();
  auto committed = ledger->commit(round);
  if (!committed) {
    INFO(committed.error().detail);
    REQUIRE(is_damage(committed.error()));
    ledger.reset();
    ledger = open_ledger(settings, fleet.now);
    FleetOfRows again = fleet;
    again.open(*ledger);
    for (std::size_t m = 0; m < fleet.accounts.size(); ++m) {
      CHECK(again.accounts[m].place == fleet.accounts[m].place);
      CHECK(again.accounts[m].module == fleet.accounts[m].module);
      for (std::size_t c = 0; c < fleet.accounts[m].channels.size(); ++c)
        CHECK(again.accounts[m].channels[c].key == fleet.accounts[m].channels[c].key);
    }
    committed = ledger->commit(round);
  }
  if (!committed) FAIL(committed.error().detail);
  FleetOfRows after = fleet;
  after.open(*ledger);
  expect_same_registers(fleet, after);
}

}  // namespace

TEST_CASE("whichever single page is lost, the registers go on from the newest that can be known") {
  const TemporaryDirectory home;
  const auto original = settings_for(home.file("energy.db"));
  const auto before = make_ledger(original);
  const auto midnight = snapshot_registers(original, before);
  const auto stored = stored_registers(original.path, before);
  const auto names = names_of_pages(original.path);
  const auto pages = fs::file_size(original.path) / page_bytes;
  REQUIRE(pages > 150);
  std::map<std::string, int> kinds;
  const bool is_cut = GENERATE(false, true);
  for (std::uint64_t page = is_cut ? pages : 1; page <= pages; ++page) {
    const TemporaryDirectory folder;
    const auto settings = settings_for(folder.file("energy.db"));
    for (const char* suffix : {"", ".registers"}) fs::copy_file(original.path + suffix, settings.path + suffix);
    if (is_cut) {
      fs::resize_file(settings.path, (page - 1) * page_bytes);
    } else {
      overwrite(settings.path, (page - 1) * page_bytes, std::string(page_bytes, '\0'));
    }
    const auto named = names.find(static_cast<std::int64_t>(page));
    const std::string name = named == names.end() ? "" : named->second;
    ++kinds[name];
    INFO("page " << page << " of " << pages << ", " << (name.empty() ? "SQLite's own" : name) << (is_cut ? ", cut off" : ""));

    auto opened = storage::Ledger::open(settings, TimeZone::utc(), before.now);
    if (!opened) FAIL(opened.error().detail);
    std::string said;
    for (const auto& notice : opened->notices) said += notice.text + "\n";
    INFO(said);
    if (is_cut) CHECK(said.find("cannot be used") != std::string::npos);
    FleetOfRows after = before;
    after.open(*opened->ledger);
    if (is_one_of(name, {"sqlite_schema", "boots", "places", "modules", "channels", "mounts", "mount_channels", "registers"})) {
      expect_between(midnight, after, before);
    } else if (is_one_of(name, {"rounds", "closings", "book"})) {
      expect_between(stored, after, before);
    } else {
      expect_same_registers(before, after);
      if (name != "anchors" && !name.empty()) CHECK(after.accounts[0].anchor);
    }
    for (auto& account : after.accounts) {
      REQUIRE(account.covered_until);
      after.covered[account.place] = *account.covered_until;
      // An anchor that is older than the registers would bill twice; registers that are older than it would lose.
      if (account.anchor) CHECK(account.anchor->at.at == account.covered_until->at);
    }
    after.pass(seconds{60});
    commit_whatever_it_takes(settings, std::move(opened->ledger), after);
    const auto verdict = storage::verify_ledger(settings.path);
    REQUIRE(verdict);
    if (const auto& violation = verdict->first_violation) {  // a page that no round needs: found by who looks
      INFO(violation->rule << ": " << violation->where << ": " << violation->what);
      CHECK(violation->rule == "file");
      CHECK(set_aside_files(folder).empty());
    }
  }
  if (!is_cut) CHECK(kinds.size() > 12);
}
