// backup, restore, adjust, meter-change: what changes files.
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "desk.hpp"
#include "integration/storage/plain_sqlite.hpp"
#include "storage/files.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const TemporaryDirectory& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{folder.path()}) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

double total_import(Desk& desk, const std::string& channel) {
  const auto answer = desk.run({"history", "year", "--channel", channel, "--json"}).json();
  return answer["series"][0]["import_wh"];
}

}  // namespace

TEST_CASE("a backup is whole and sound while the ledger is written, and one file") {
  Desk desk;
  desk.open();
  desk.meter(hours{5});
  const std::string copy = desk.folder.file("copy.db");
  const auto outcome = desk.run({"backup", copy, "--json"});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.json()["bytes"] == fs::file_size(copy));
  desk.meter(hours{1});
  CHECK(desk.run_with({"verify"}, "", {"--ledger", copy}).status == 0);
  CHECK(desk.run({"verify"}).status == 0);
  for (const auto& name : files_in(desk.folder)) CHECK((!name.starts_with("copy.db") || name == "copy.db"));
}

TEST_CASE("a backup never overwrites, and leaves nothing when it fails") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  const std::string mine = desk.folder.write("mine.txt", "do not touch");
  const auto outcome = desk.run({"backup", mine});
  CHECK(outcome.status == 65);
  CHECK(outcome.complains("exists already"));
  CHECK(content_of(mine) == "do not touch");
  const auto before = files_in(desk.folder);
  CHECK(desk.run({"backup", desk.folder.file("no/such/folder/copy.db")}).status != 0);
  CHECK(files_in(desk.folder) == before);
  CHECK(desk.run({"backup"}).status == 64);
}

TEST_CASE("restore refuses while a daemon has the ledger, and changes nothing") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  REQUIRE(desk.run({"backup", desk.folder.file("copy.db")}).status == 0);
  const auto before = files_in(desk.folder);
  const auto outcome = desk.run({"restore", desk.folder.file("copy.db"), "--yes"});
  CHECK(outcome.status == 69);
  CHECK(outcome.complains("systemctl stop rbampd"));
  CHECK(files_in(desk.folder) == before);
}

TEST_CASE("restore puts the backup in place, keeps what stood there, and no counter falls") {
  Desk desk;
  desk.open();
  desk.meter(minutes{30});
  REQUIRE(desk.run({"backup", desk.folder.file("copy.db")}).status == 0);
  const double at_backup = total_import(desk, "m1/ch0");
  desk.meter(hours{2});
  const double at_end = total_import(desk, "m1/ch0");
  desk.close();
  const auto asked = desk.run({"restore", desk.folder.file("copy.db")}, "n\n");
  CHECK(asked.status == 1);
  CHECK(asked.complains("nothing was changed"));
  const auto outcome = desk.run({"restore", desk.folder.file("copy.db"), "--json"}, "y\n");
  REQUIRE(outcome.status == 0);
  const std::string replaced = outcome.json()["replaced"];
  CHECK(fs::exists(replaced));
  CHECK(outcome.json()["has_fresh_registers"] == true);
  CHECK(total_import(desk, "m1/ch0") == Approx(at_backup));
  CHECK(desk.run_with({"verify"}, "", {"--ledger", replaced}).status == 0);
  for (const auto& name : files_in(desk.folder)) CHECK(name.find(".incoming") == std::string::npos);
  desk.open();  // the daemon starts again
  CHECK(total_import(desk, "m1/ch0") == Approx(at_end));
  CHECK(desk.run({"verify"}).status == 0);
  const auto story = desk.run({"explain", "m1", "ch0", "today"});
  CHECK(story.says("the ledger file was older than it"));
}

TEST_CASE("restore goes back to the copy from before an upgrade, and no counter falls") {
  Desk desk;
  desk.open();
  desk.meter(minutes{30});
  desk.close();
  const auto known = PlainSqlite{desk.ledger_path()}.integer("PRAGMA user_version");
  const auto copy = desk.ledger_path() + ".schema-" + std::to_string(known);
  fs::copy_file(desk.ledger_path(), copy);  // as the start of a later version keeps it
  desk.open();
  desk.meter(hours{2});
  const double at_end = total_import(desk, "m1/ch0");
  desk.close();
  PlainSqlite{desk.ledger_path(), true}.run("PRAGMA user_version = 999");
  CHECK(desk.run({"history"}).complains("rbampctl restore " + copy));
  const auto outcome = desk.run({"restore", copy, "--yes", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.json()["has_fresh_registers"] == true);
  CHECK(fs::exists(copy));
  desk.open();  // the older program
  CHECK(total_import(desk, "m1/ch0") == Approx(at_end));
  CHECK(desk.run({"verify"}).status == 0);
}

TEST_CASE("restore brings a backup of an earlier version up to date, and leaves the backup as it was") {
  const bool is_new_host = GENERATE(false, true);
  Desk desk;
  if (!is_new_host) {
    desk.open();
    desk.meter(minutes{5});
    desk.close();
  }
  const auto stored = fs::path{RBAMP_SOURCE_DIR} / "tests/data/ledger/schema-001.db";
  const auto backup = desk.folder.file("energy-last-year.db");
  fs::copy_file(stored, backup);
  const auto outcome = desk.run({"restore", backup, "--yes", "--json"});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.json()["replaced"].is_null() == is_new_host);
  CHECK(desk.run({"verify"}).status == 0);
  CHECK(content_of(backup) == content_of(stored));
  const std::string lines = "SELECT * FROM energy_log ORDER BY ts, module, channel";
  CHECK(PlainSqlite{desk.ledger_path()}.rows(lines) == PlainSqlite{backup}.rows(lines));
  for (const auto& name : files_in(desk.folder)) CHECK(name.find(".incoming") == std::string::npos);
}

TEST_CASE("restore takes no backup of an earlier version that is not sound, and changes nothing") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  std::string torn = content_of(fs::path{RBAMP_SOURCE_DIR} / "tests/data/ledger/schema-001.db");
  for (std::size_t i = torn.size() / 2; i < torn.size() / 2 + 4096; ++i) torn[i] = '\x5a';
  const auto backup = desk.folder.write("torn.db", torn);
  const auto ledger = content_of(desk.ledger_path());
  const auto outcome = desk.run({"restore", backup, "--yes"});
  CHECK(outcome.status == 65);
  CHECK(outcome.complains(backup));
  CHECK_FALSE(outcome.complains(".incoming"));
  CHECK(outcome.complains("nothing was changed"));
  for (const auto& name : files_in(desk.folder)) CHECK(name.find(".incoming") == std::string::npos);
  CHECK(content_of(desk.ledger_path()) == ledger);
}

TEST_CASE("restore takes no line out of the ledger that it keeps aside, however old") {
  for (const std::string retention : {"", "raw_retention = \"2y\"\n"}) {
    Desk desk{1, 1};
    desk.folder.write("rbampd.toml", "[daemon]\ntimezone = \"Europe/Berlin\"\n[storage]\npath = \"" + desk.ledger_path() +
                                         "\"\n" + retention + "[[module]]\nid = \"m0\"\naddress = 0x50\nrole = \"grid\"\n");
    desk.open();
    REQUIRE(desk.run({"backup", desk.folder.file("copy.db")}).status == 0);
    desk.meter(hours{6});
    desk.meter(hours{24 * 200}, hours{24});
    desk.close();
    const auto before = desk.run({"export", "--no-head"}).out;
    REQUIRE(lines_of(before).size() == 6 * 60 + 200);
    const auto outcome = desk.run({"restore", desk.folder.file("copy.db"), "--yes", "--json"});
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    CHECK(outcome.json()["has_fresh_registers"] == true);
    const std::string replaced = outcome.json()["replaced"];
    CHECK(desk.run({"export", "--no-head", "--ledger", replaced}).out == before);
    CHECK(desk.run({"verify", "--ledger", replaced}).status == 0);
  }
}

TEST_CASE("restore takes no backup that is not sound, not there, or the ledger itself") {
  Desk desk;
  desk.open();
  desk.meter(hours{5});
  desk.close();
  const std::string before = content_of(desk.ledger_path());
  std::string torn = before;
  for (std::size_t i = torn.size() / 2; i < torn.size() / 2 + 4096; ++i) torn[i] = '\x5a';
  const auto bad = desk.run({"restore", desk.folder.write("torn.db", torn), "--yes"});
  CHECK(bad.status == 65);
  CHECK(bad.complains("is not sound, nothing was changed"));
  const auto foreign = desk.run({"restore", desk.folder.write("notes.txt", "hello"), "--yes"});
  CHECK(foreign.status == 65);
  CHECK(desk.run({"restore", desk.folder.file("none.db"), "--yes"}).status == 65);
  const auto itself = desk.run({"restore", desk.ledger_path(), "--yes"});
  CHECK(itself.status == 64);
  CHECK(itself.complains("the ledger itself"));
  CHECK(desk.run({"restore", desk.ledger_path()}).status == 64);  // nobody can be asked
  CHECK(content_of(desk.ledger_path()) == before);
}

TEST_CASE("restore works where the ledger is lost or damaged") {
  Desk desk;
  desk.open();
  desk.meter(hours{1});
  REQUIRE(desk.run({"backup", desk.folder.file("copy.db")}).status == 0);
  desk.close();
  fs::remove(desk.ledger_path());
  const auto lost = desk.run({"restore", desk.folder.file("copy.db"), "--yes"});
  CHECK(lost.status == 0);
  CHECK(lost.says("systemctl start rbampd"));
  CHECK(desk.run({"verify"}).status == 0);
  desk.folder.write("energy.db", "rubbish");
  const auto damaged = desk.run({"restore", desk.folder.file("copy.db"), "--yes", "--json"});
  REQUIRE(damaged.status == 0);
  CHECK(damaged.json()["has_fresh_registers"] == false);
  CHECK(content_of(damaged.json()["replaced"]) == "rubbish");
  CHECK(desk.run({"verify"}).status == 0);
}

TEST_CASE("a correction changes the register by exactly the amount, and the opposite one undoes it") {
  Desk desk;
  desk.open();
  desk.meter(hours{1});
  desk.close();
  const double before = total_import(desk, "m1/ch1");
  const auto outcome = desk.run({"adjust", "m1", "ch1", "--import", "-123.456789", "--reason", "wrong clamp", "--yes", "--json"});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.json()["channels"][0]["import_wh"] == -123.456789);
  CHECK(total_import(desk, "m1/ch1") == Approx(before - 123.456789).epsilon(1e-12));
  const auto undone = desk.run({"adjust", "m1", "ch1", "--import=123.456789", "--reason", "was right after all", "--yes"});
  CHECK(undone.says("m1/ch1 import: "));
  CHECK(undone.says("(+0.123456789)"));
  CHECK(total_import(desk, "m1/ch1") == Approx(before).epsilon(1e-12));
  CHECK(desk.run({"verify"}).status == 0);
  desk.open();  // metering goes on behind it, and anchors and intents are as they were
  CHECK(desk.fleet.accounts[1].anchor.has_value());
  CHECK(desk.fleet.accounts[1].intent.has_value());
  desk.meter(minutes{10});
  CHECK(desk.run({"verify"}).status == 0);
}

TEST_CASE("a correction downwards is not taken back by the daily copy of the registers") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(hours{2});
  for (bool has_more = true; has_more;) has_more = desk.ledger->maintain(desk.fleet.now.utc, true).value().has_more;
  desk.close();
  const double before = total_import(desk, "m0/ch0");
  REQUIRE(desk.run({"adjust", "m0", "ch0", "--import", "-500", "--reason", "wrong clamp", "--yes"}).status == 0);
  desk.open();
  CHECK(total_import(desk, "m0/ch0") == Approx(before - 500));
}

TEST_CASE("a correction makes no row but its own") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  const auto lines = lines_of(desk.run({"export", "--no-head"}).out).size();
  REQUIRE(desk.run({"adjust", "m2", "ch1", "--export", "5", "--reason", "x", "--yes"}).status == 0);
  CHECK(lines_of(desk.run({"export", "--no-head"}).out).size() == lines + 1);
  desk.open();
  desk.meter(minutes{1});
  CHECK(lines_of(desk.run({"export", "--no-head"}).out).size() == lines + 1 + 6);
}

TEST_CASE("a correction is asked for, and no books nothing") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  const std::vector<std::string> command{"adjust", "m0", "ch0", "--import", "1", "--reason", "test"};
  const auto refused = desk.run(command);
  CHECK(refused.status == 64);
  CHECK(refused.complains("--yes"));
  const auto no = desk.run(command, "n\n");
  CHECK(no.status == 1);
  CHECK(no.complains("m0/ch0 import: "));
  CHECK(no.complains("nothing was booked"));
  const auto yes = desk.run(command, "yes\n");
  CHECK(yes.status == 0);
  CHECK(lines_of(desk.run({"export", "--no-head"}).out).size() == 5 * 6 + 1);
}

TEST_CASE("a correction that makes no sense is refused before anybody is asked") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  const auto expect = [&](const std::vector<std::string>& arguments, const std::string& words) {
    const auto outcome = desk.run(arguments, "y\n");
    INFO(outcome.err);
    CHECK(outcome.status == 64);
    CHECK(outcome.complains(words));
  };
  expect({"adjust", "m0", "ch0", "--reason", "x"}, "say by how many watt-hours");
  expect({"adjust", "m0", "ch0", "--import", "1"}, "--reason is required");
  expect({"adjust", "m0", "ch0", "--import", "1", "--reason", ""}, "needs its reason in words");
  expect({"adjust", "m0", "ch0", "--import", "0", "--reason", "x"}, "nothing would change");
  expect({"adjust", "m0", "ch0", "--import", "1kWh", "--reason", "x"}, "without a unit");
  expect({"adjust", "m0", "ch0", "--import", "-1000000", "--reason", "x"}, "would be negative");
  expect({"adjust", "m0", "attic", "--import", "1", "--reason", "x"}, "it has ch0 and ch1");
  expect({"adjust", "attic", "ch0", "--import", "1", "--reason", "x"}, "it has m0, m1 and m2");
  expect({"meter-change", "m0", "--reason", "x"}, "say what changed");
  expect({"meter-change", "m0", "--new-uid", "123", "--reason", "x"}, "24 hexadecimal digits");
  expect({"meter-change", "m0", "--reading", "5", "--reason", "x"}, "say which one has this reading with --channel");
  expect({"meter-change", "attic", "--reading", "5", "--reason", "x"}, "it has m0, m1 and m2");
  CHECK(lines_of(desk.run({"export", "--no-head"}).out).size() == 5 * 6);
}

TEST_CASE("a take-over sets the register to the reading, to the micro-watt-hour") {
  Desk desk{1, 1};
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  const auto outcome = desk.run(
      {"meter-change", "m0", "--reading", "48213.700000001", "--export-reading", "7", "--reason", "utility", "--yes", "--json"});
  REQUIRE(outcome.status == 0);
  const auto answer = outcome.json();
  CHECK(answer["reason"] == "meter_takeover");
  CHECK(answer["channels"][0]["total_import_wh"] == 48213700.000001);
  CHECK(answer["channels"][0]["total_export_wh"] == 7000.0);
  desk.open();
  CHECK(desk.fleet.accounts[0].channels[0].registers.energy_import == MicroWattHours{48'213'700'000'001});
  CHECK(desk.run({"explain", "m0", "ch0", "today"}).says("a person set the register to the reading of another meter"));
  CHECK(desk.run({"verify"}).status == 0);
}

TEST_CASE("another chip is noted for all channels of its module, and explained") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  desk.close();
  const std::string uid = to_string(chip_number(77));
  const auto outcome = desk.run({"meter-change", "m1", "--new-uid", uid, "--reason", "lightning", "--yes"});
  REQUIRE(outcome.status == 0);
  CHECK(outcome.says("m1/ch0: registers stay as they are"));
  CHECK(outcome.says("m1/ch1: registers stay as they are"));
  const auto story = desk.run({"explain", "m1", "ch1", "today"});
  CHECK(story.says("-- another chip meters here from now on: " + uid));
  CHECK(story.says("reason given: lightning"));
  CHECK(desk.run({"verify"}).status == 0);
}

TEST_CASE("corrections are refused while another program has the ledger") {
  Desk desk;
  desk.open();
  desk.meter(minutes{5});
  const auto outcome = desk.run({"adjust", "m0", "ch0", "--import", "1", "--reason", "x", "--yes"});
  CHECK(outcome.status == 69);
  CHECK(outcome.complains("rbampd has the ledger"));
  CHECK(lines_of(desk.run({"export", "--no-head"}).out).size() == 5 * 6);
}
