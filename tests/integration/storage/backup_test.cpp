// Backups while another process writes as fast as it can.
#include "storage/backup.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;

namespace {

/// A process of its own that commits rounds until it is ended, and says so with a byte for each.
class Writer {
 public:
  explicit Writer(const storage::Settings& settings) {
    int committed[2] = {};
    REQUIRE(::pipe(committed) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) write_for_ever(settings, committed[1]);
    ::close(committed[1]);
    committed_ = committed[0];
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    ::close(committed_);
  }
  [[nodiscard]] bool is_alive() const { return ::waitpid(process_, nullptr, WNOHANG) == 0; }

  /// Returns when `count` more are committed, with the number of all so far; each ended before this returned.
  [[nodiscard]] std::int64_t wait_for(std::int64_t count) {
    std::array<char, 4096> bytes{};
    for (const auto wanted = rounds_ + count; rounds_ < wanted;) {
      const auto got = ::read(committed_, bytes.data(), bytes.size());
      REQUIRE(got > 0);
      rounds_ += got;
    }
    return rounds_;
  }

 private:
  [[noreturn]] static void write_for_ever(const storage::Settings& settings, int committed) noexcept {
    FleetOfRows fleet{8, 3};
    auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    if (!opened) ::_exit(1);
    fleet.open(*opened->ledger);
    for (;;) {
      fleet.pass(seconds{60});
      if (!opened->ledger->arm(fleet.latches()) || !opened->ledger->commit(fleet.round()) ||
          !opened->ledger->maintain(fleet.now.utc, true)) {
        ::_exit(2);
      }
      if (::write(committed, "c", 1) != 1) ::_exit(3);
    }
  }

  pid_t process_ = -1;
  int committed_ = -1;
  std::int64_t rounds_ = 0;
};

}  // namespace

TEST_CASE("each backup of a ledger that is being written is one committed state of it, with all that was committed before") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  std::int64_t last_round = 0;
  {
    Writer writer{settings};
    for (int i = 0; i < 12; ++i) {
      const auto committed = writer.wait_for(i == 0 ? 50 : 1);
      const auto path = folder.file("backup-" + std::to_string(i) + ".db");
      const auto done = storage::backup_ledger(settings.path, path);
      if (!done) FAIL(done.error().detail);
      REQUIRE(writer.is_alive());
      expect_sound(path);
      PlainSqlite backup{path};
      const auto round = backup.integer("SELECT max(id) FROM rounds");
      CHECK(round >= committed);
      last_round = round;
      CHECK(backup.integer("SELECT count(*) FROM closings WHERE id >> 8 = (SELECT max(id) FROM rounds)") == 8);  // whole rounds
      CHECK(backup.integer("SELECT count(DISTINCT at_us) FROM anchors") == 1);
      CHECK(backup.integer("SELECT max(at_us) FROM anchors") == backup.integer("SELECT max(end_us) FROM rounds"));
    }
  }
  expect_sound(settings.path);
  CHECK(PlainSqlite{settings.path}.integer("SELECT max(id) FROM rounds") >= last_round);
}

TEST_CASE("a backup that was interrupted is not taken for one") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{2, 3};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  const auto path = folder.file("backup.db");
  folder.write("backup.db.part", "half of an older one");
  REQUIRE(ledger->backup(path));
  CHECK_FALSE(std::filesystem::exists(storage::unfinished_copy(path)));
  expect_sound(path);
  const auto missing = ledger->backup(folder.file("no-such-folder/backup.db"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().detail.find("no-such-folder") != std::string::npos);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));  // and metering goes on
}
