// What an upgrade of the schema leaves beside the ledger: the way back for the older program.
#include "storage/schema_copy.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "damaged_ledger.hpp"
#include "storage/backup.hpp"
#include "storage/files.hpp"
#include "storage/schema.hpp"
#include "support/small_disk.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::hours;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

const fs::path stored_ledgers = fs::path{RBAMP_SOURCE_DIR} / "tests/data/ledger";
const std::string lines_of_it = "SELECT * FROM energy_log ORDER BY ts, module, channel";
const std::string days_of_it = "SELECT * FROM daily_energy ORDER BY day, module, channel";

/// The ledger of the first released schema, as a daemon of that time left it.
void put_old_ledger(const std::string& path) {
  fs::copy_file(stored_ledgers / "schema-001.db", path, fs::copy_options::overwrite_existing);
}

/// Three days after the stored ledger ends: the same chips at the same places.
FleetOfRows later_fleet() {
  FleetOfRows fleet{2, 3};
  fleet.pass(hours{24 * 3});
  return fleet;
}

std::int64_t schema_of(const std::string& path) { return PlainSqlite{path}.integer("PRAGMA user_version"); }

void expect_whole_copy(const std::string& copy) {
  REQUIRE(fs::exists(copy));
  const TemporaryDirectory folder;  // SQLite would leave its files beside the stored one
  const auto original = folder.file("original.db");
  put_old_ledger(original);
  CHECK(schema_of(copy) == 1);
  CHECK(PlainSqlite{copy}.text("PRAGMA integrity_check") == "ok");
  CHECK(PlainSqlite{copy}.rows(lines_of_it) == PlainSqlite{original}.rows(lines_of_it));
  CHECK(PlainSqlite{copy}.rows("SELECT * FROM registers") == PlainSqlite{original}.rows("SELECT * FROM registers"));
  CHECK(PlainSqlite{copy}.rows("SELECT hex(witness) FROM anchors") ==
        PlainSqlite{original}.rows("SELECT hex(witness) FROM anchors"));
}

std::vector<std::string> names_with(const fs::path& folder, const std::string& part) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{folder}) {
    const auto name = entry.path().filename().string();
    if (name.find(part) != std::string::npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

std::string said_by(const storage::OpenedLedger& opened, storage::Notice::Kind kind) {
  std::string said;
  for (const auto& notice : opened.notices) {
    if (notice.kind == kind) said += notice.text + "\n";
  }
  return said;
}

storage::OpenedLedger opened_at(const storage::Settings& settings, const metering::Instant& now) {
  auto opened = storage::Ledger::open(settings, TimeZone::utc(), now);
  if (!opened) FAIL(opened.error().detail);
  return std::move(*opened);
}

/// A file of a program that does not exist yet.
void make_newer(const std::string& path) {
  PlainSqlite{path, true}.run("PRAGMA user_version = " + std::to_string(storage::schema_steps().size() + 1));
}

void fill_up_to(const std::string& file, const std::string& disk, std::uintmax_t left) {
  std::ofstream filler{file, std::ios::binary};
  const std::string block(4096, 'f');
  while (fs::space(disk).available > left + block.size() && filler.write(block.data(), 4096).flush()) {
  }
}

}  // namespace

TEST_CASE("an upgrade of the schema keeps the whole ledger as it was, and says where") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  const mode_t mode = GENERATE(0640U, 0600U);  // the usual one, and one that the owner chose
  REQUIRE(::chmod(settings.path.c_str(), mode) == 0);
  const auto umask_before = ::umask(0077);
  const auto opened = opened_at(settings, later_fleet().now);
  ::umask(umask_before);
  const auto copy = folder.file("energy.db.schema-1");
  expect_whole_copy(copy);
  CHECK(said_by(opened, storage::Notice::Kind::information).find("kept as " + copy) != std::string::npos);
  CHECK(opened.notices.size() == 1);
  struct stat status {};
  REQUIRE(::stat(copy.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == mode);
  CHECK(names_with(folder.path(), "schema") == Names{"energy.db.schema-1"});  // one file, nothing half beside it
}

TEST_CASE("what only the log of the older program holds is in the copy, too") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(folder.file("source.db"));
  {
    PlainSqlite source{folder.file("source.db"), true};
    source.run("PRAGMA wal_autocheckpoint = 0; INSERT INTO state(name, value) VALUES('late', CAST('word' AS BLOB))");
    fs::copy_file(folder.file("source.db"), settings.path);  // as after a kill: the last commit is in the log only
    fs::copy_file(folder.file("source.db-wal"), settings.path + "-wal");
  }
  const auto opened = opened_at(settings, later_fleet().now);
  CHECK(PlainSqlite{folder.file("energy.db.schema-1")}.text("SELECT value FROM state WHERE name = 'late'") == "word");
}

TEST_CASE("a ledger that needs no upgrade is not copied") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  for (int start = 0; start < 2; ++start) open_ledger(settings, later_fleet().now).reset();
  CHECK(names_with(folder.path(), "schema").empty());
}

TEST_CASE("with the copy in its place a ledger goes on with the registers and anchors of the newer program") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  const auto days_before = PlainSqlite{settings.path}.rows(days_of_it);
  auto fleet = later_fleet();
  {
    auto opened = opened_at(settings, fleet.now);
    fleet.open(*opened.ledger);
    for (auto& account : fleet.accounts) fleet.covered[account.place] = *account.covered_until;
    for (int i = 0; i < 30; ++i) {
      fleet.pass(seconds{300});
      REQUIRE(opened.ledger->commit(fleet.round()));
    }
  }  // an orderly stop
  const auto lines_since = PlainSqlite{settings.path}.rows(lines_of_it).size();
  fs::rename(folder.file("energy.db.schema-1"), settings.path);
  fleet.pass(hours{1});
  auto opened = opened_at(settings, fleet.now);
  FleetOfRows after = fleet;
  after.open(*opened.ledger);
  expect_same_registers(fleet, after);
  for (std::size_t m = 0; m < 2; ++m) {
    REQUIRE(after.accounts[m].anchor);
    // What the modules averaged since the newer program's last latch is booked once, from there on.
    CHECK(after.accounts[m].anchor->at.at == fleet.covered.at(fleet.accounts[m].place).at);
    CHECK(after.accounts[m].covered_until->at == fleet.covered.at(fleet.accounts[m].place).at);
  }
  opened.ledger.reset();
  expect_sound(settings.path);
  // What is lost are the lines: one gap and one adjustment with all their energy stand for them.
  const auto lines = PlainSqlite{settings.path}.rows(lines_of_it);
  CHECK(lines.size() < lines_since);
  CHECK(PlainSqlite{settings.path}.integer("SELECT count(*) FROM energy_log WHERE quality = 'adjustment'") == 6);
  const auto days = PlainSqlite{settings.path}.rows(days_of_it);
  CHECK(std::includes(days.begin(), days.end(), days_before.begin(), days_before.end()));
}

TEST_CASE("a start that is killed in the middle of the copy leaves no copy, and the next one makes it") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_DFL);
    const rlimit limit{40'000, 40'000};  // the copy has 52 kB: the kernel ends the process when it writes what is beyond
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const auto opened = storage::Ledger::open(settings, TimeZone::utc(), later_fleet().now);
    ::_exit(opened ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK_FALSE(fs::exists(folder.file("energy.db.schema-1")));
  CHECK_FALSE(names_with(folder.path(), ".schema-1.part").empty());
  CHECK(schema_of(settings.path) == 1);  // no step before there is a copy
  opened_at(settings, later_fleet().now);
  expect_whole_copy(folder.file("energy.db.schema-1"));
  CHECK(names_with(folder.path(), "schema") == Names{"energy.db.schema-1"});
}

TEST_CASE("what is left of a copy that nobody finishes any more is removed by the next start") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  open_ledger(settings, later_fleet().now).reset();
  folder.write("energy.db.schema-1.part", "half of it");
  folder.write("energy.db.schema-1.part-journal", "its journal");
  folder.write("energy.db.schema-of-the-house", "somebody's notes");
  open_ledger(settings, later_fleet().now).reset();
  CHECK(names_with(folder.path(), "schema") == Names{"energy.db.schema-of-the-house"});
}

TEST_CASE("a start that ended between copy and upgrade does not write the copy again") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  opened_at(settings, later_fleet().now).ledger.reset();
  const auto copy = folder.file("energy.db.schema-1");
  struct stat first {};
  REQUIRE(::stat(copy.c_str(), &first) == 0);
  for (const char* suffix : {"-wal", "-shm", ".registers"}) fs::remove(settings.path + suffix);
  put_old_ledger(settings.path);
  const auto opened = opened_at(settings, later_fleet().now);
  struct stat second {};
  REQUIRE(::stat(copy.c_str(), &second) == 0);
  CHECK(first.st_ino == second.st_ino);
  CHECK(said_by(opened, storage::Notice::Kind::information).find("kept as " + copy) != std::string::npos);
}

TEST_CASE("an upgrade that ended between two steps keeps the copy from before the first one") {
  const TemporaryDirectory folder;
  const auto path = folder.file("energy.db");
  put_old_ledger(path);
  storage::Connection ledger{path, storage::Connection::Access::read_write};
  REQUIRE(storage::keep_schema_copy(ledger, 1, {}) == path + ".schema-1");
  ledger.execute(std::string{storage::schema_steps()[1]} + "; PRAGMA user_version = 2");
  CHECK(storage::keep_schema_copy(ledger, 2, {}) == path + ".schema-1");  // no program ever left one of schema 2
  expect_whole_copy(path + ".schema-1");
  CHECK(names_with(folder.path(), "schema") == Names{"energy.db.schema-1"});
}

TEST_CASE("a copy from before a downgrade gives way to the ledger as it is now") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(folder.file("energy.db.schema-1"));
  put_old_ledger(settings.path);
  // The older program went on: an event is enough to tell the two apart.
  PlainSqlite{settings.path, true}.run(
      "INSERT INTO events(boot, at_us, at_utc_us, is_trusted, module, channel, kind, text) "
      "SELECT boot, at_us + 1, at_utc_us + 1, is_trusted, module, channel, kind, 'after the downgrade' FROM events LIMIT 1");
  opened_at(settings, later_fleet().now);
  CHECK(PlainSqlite{folder.file("energy.db.schema-1")}.integer(
            "SELECT count(*) FROM events WHERE text = 'after the downgrade'") == 1);
}

TEST_CASE("what stands under the name of the copy and is none is replaced") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  folder.write("energy.db.schema-1", GENERATE("", "half a copy of a person's own"));
  put_old_ledger(settings.path);
  opened_at(settings, later_fleet().now);
  expect_whole_copy(folder.file("energy.db.schema-1"));
}

TEST_CASE("only the copy of the newest upgrade is kept") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  put_old_ledger(folder.file("energy.db.schema-0"));
  put_old_ledger(folder.file("energy.db.schema-17"));
  folder.write("energy.db.schema-1-of-mine", "a person's own");
  opened_at(settings, later_fleet().now);
  expect_whole_copy(folder.file("energy.db.schema-1"));
  CHECK(names_with(folder.path(), "schema") == Names{"energy.db.schema-1", "energy.db.schema-1-of-mine"});
}

TEST_CASE("where there is no room for the copy, the upgrade is made without it, and says what that means") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  put_old_ledger(settings.path);
  // Room for the steps, for their log and its index; not for a copy and as much again.
  const auto disk_folder = fs::path{settings.path}.parent_path().string();
  fill_up_to(disk.file("filler"), disk_folder, 90'000);
  auto fleet = later_fleet();
  auto opened = opened_at(settings, fleet.now);
  const auto said = said_by(opened, storage::Notice::Kind::warning);
  INFO(said);
  CHECK(said.find("no copy") != std::string::npos);
  CHECK(said.find("older version") != std::string::npos);
  CHECK(names_with(disk_folder, "schema").empty());
  fleet.open(*opened.ledger);
  opened.ledger.reset();
  CHECK(schema_of(settings.path) == static_cast<std::int64_t>(storage::schema_steps().size()));
  expect_sound(settings.path);
}

TEST_CASE("an older copy stays where there is no room for a new one") {
  const SmallDisk disk{"2m"};
  if (!disk.is_mounted()) return;
  const auto settings = settings_for(disk.file("energy.db"));
  put_old_ledger(settings.path);
  put_old_ledger(disk.file("energy.db.schema-0"));
  fill_up_to(disk.file("filler"), fs::path{settings.path}.parent_path().string(), 90'000);
  opened_at(settings, later_fleet().now);
  CHECK(fs::exists(disk.file("energy.db.schema-0")));
}

TEST_CASE("a copy that cannot be written does not keep the ledger from being used") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  folder.write("energy.db.schema-1.part/in-the-way", "a folder that is not ours");
  auto fleet = later_fleet();
  auto opened = opened_at(settings, fleet.now);
  CHECK(said_by(opened, storage::Notice::Kind::warning).find("no copy") != std::string::npos);
  fleet.open(*opened.ledger);
  fleet.pass(seconds{60});
  CHECK(schema_of(settings.path) == static_cast<std::int64_t>(storage::schema_steps().size()));
}

TEST_CASE("a start that is told to stop while it copies has upgraded nothing") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  std::vector<storage::LongWork> asked;
  const auto told = storage::Ledger::open(settings, TimeZone::utc(), later_fleet().now, [&](storage::LongWork work) {
    asked.push_back(work);
    return false;
  });
  REQUIRE_FALSE(told);
  CHECK(told.error().is(Errc::cancelled));
  CHECK(asked == std::vector{storage::LongWork::keeping_a_copy});
  CHECK(schema_of(settings.path) == 1);
  CHECK(names_with(folder.path(), "schema").empty());
  opened_at(settings, later_fleet().now);
  expect_whole_copy(folder.file("energy.db.schema-1"));
}

TEST_CASE("a ledger that is suspected is looked at before it is copied") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  put_old_ledger(settings.path);
  overwrite(settings.path, (page_of(settings.path, "registers") - 1) * page_bytes, std::string(page_bytes, 'z'));
  storage::mark_suspect(settings.path, storage::Suspicion::pages);
  opened_at(settings, later_fleet().now);
  CHECK(set_aside_files(folder).size() == 1);
  CHECK(names_with(folder.path(), "schema").empty());  // a copy of damage is no way back
  CHECK(schema_of(folder.file(set_aside_files(folder)[0])) == 1);
}

TEST_CASE("a program that is too old for a ledger names the copy that it can use") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  open_ledger(settings, later_fleet().now).reset();
  const auto known = std::to_string(storage::schema_steps().size());
  REQUIRE(storage::backup_ledger(settings.path, settings.path + ".schema-" + known));
  make_newer(settings.path);
  const auto content = content_of(settings.path);
  const auto refused = storage::Ledger::open(settings, TimeZone::utc(), later_fleet().now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().is(Errc::ledger_newer));
  CHECK(refused.error().remedy == Remedy::give_up);
  INFO(refused.error().detail);
  CHECK(refused.error().detail.find("rbampctl restore " + settings.path + ".schema-" + known) != std::string::npos);
  CHECK((content_of(settings.path) == content));  // not a byte of it was changed
  // Who only reads is told the same.
  const auto verdict = storage::verify_ledger(settings.path);
  REQUIRE_FALSE(verdict);
  CHECK(verdict.error().detail.find("rbampctl restore") != std::string::npos);
}

TEST_CASE("a program that is too old for a ledger without a copy, or for its copy, names none") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  open_ledger(settings, later_fleet().now).reset();
  make_newer(settings.path);
  fs::copy_file(settings.path, settings.path + ".schema-" + std::to_string(storage::schema_steps().size() + 1));
  const auto refused = storage::Ledger::open(settings, TimeZone::utc(), later_fleet().now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find(".schema-") == std::string::npos);
  CHECK(refused.error().detail.find("backup made before it") != std::string::npos);
}
