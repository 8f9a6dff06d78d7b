// Who may read a ledger's files: the group of the daemon, whatever umask its unit sets.
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "damaged_ledger.hpp"
#include "storage/backup.hpp"
#include "storage/reader.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

constexpr gid_t nobody = 65534;

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

mode_t mode(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

/// A process of its own that keeps a ledger open, as the daemon does, with a round in its log.
class Keeper {
 public:
  explicit Keeper(const storage::Settings& settings) {
    std::array<int, 2> ready{};
    REQUIRE(::pipe(ready.data()) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) keep(settings, ready[1]);
    ::close(ready[1]);
    char done = 0;
    const auto got = ::read(ready[0], &done, 1);
    ::close(ready[0]);
    REQUIRE(got == 1);
  }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper() { end(SIGKILL); }
  void end(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  [[noreturn]] static void keep(const storage::Settings& settings, int ready) noexcept {
    ::umask(0077);
    FleetOfRows fleet{1, 1};
    auto opened = storage::Ledger::open(settings, TimeZone::utc(), fleet.now);
    if (!opened) ::_exit(1);
    fleet.open(*opened->ledger);
    fleet.pass(seconds{60});
    if (!opened->ledger->commit(fleet.round()) || ::write(ready, "c", 1) != 1) ::_exit(2);
    for (;;) ::pause();
  }

  pid_t process_ = -1;
};

/// Makes this user, or "nobody" when it is root, one who may read the ledger and may write neither it nor its folder.
void give_to_group(const TemporaryDirectory& folder, const std::string& ledger) {
  const bool is_root = ::geteuid() == 0;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const auto path = ledger + suffix;
    if (::access(path.c_str(), F_OK) != 0) continue;
    if (is_root) REQUIRE(::chown(path.c_str(), static_cast<uid_t>(-1), nobody) == 0);
    if (!is_root) REQUIRE(::chmod(path.c_str(), 0440) == 0);
  }
  if (is_root) REQUIRE(::chown(folder.path().c_str(), static_cast<uid_t>(-1), nobody) == 0);
  REQUIRE(::chmod(folder.path().c_str(), is_root ? 0750 : 0550) == 0);
}

/// What a member of the group gets: "lines" or the error's sentence. Asked by a process of its own, which has the rights of one.
std::string read_as_member(const std::string& ledger) {
  std::array<int, 2> answer{};
  REQUIRE(::pipe(answer.data()) == 0);
  const pid_t member = ::fork();
  REQUIRE(member >= 0);
  if (member == 0) {
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(99);
    const auto reader = storage::Reader::open(ledger, TimeZone::utc());
    std::string text;
    if (!reader) {
      text = reader.error().detail;
    } else {
      const auto lines = (*reader)->lines_after(0, 10);
      text = lines ? std::to_string(lines->size()) + " lines" : lines.error().detail;
    }
    ::_exit(::write(answer[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(answer[1]);
  std::string text;
  std::array<char, 1024> bytes{};
  for (ssize_t got = 0; (got = ::read(answer[0], bytes.data(), bytes.size())) > 0;)
    text.append(bytes.data(), static_cast<std::size_t>(got));
  ::close(answer[0]);
  int status = 0;
  REQUIRE(::waitpid(member, &status, 0) == member);
  REQUIRE(status == 0);
  return text;
}

}  // namespace

TEST_CASE("the files of a new ledger may be read by the group, whatever the umask") {
  const TemporaryDirectory folder;
  const Umask umask{0077};
  const auto settings = settings_for(folder.file("state/energy.db"));
  FleetOfRows fleet{1, 1};
  auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  fleet.pass(seconds{60});
  REQUIRE(ledger->commit(fleet.round()));
  CHECK(mode(folder.file("state")) == 0750);
  for (const char* suffix : {"", "-wal", "-shm", ".registers"}) {
    INFO(suffix);
    CHECK(mode(settings.path + suffix) == 0640);
  }
  REQUIRE(ledger->backup(folder.file("backup.db")));
  CHECK(mode(folder.file("backup.db")) == 0640);
  ledger.reset();
  CHECK(mode(settings.path + ".registers") == 0640);  // the last word
  REQUIRE(storage::backup_ledger(settings.path, folder.file("own.db")));
  CHECK(mode(folder.file("own.db")) == 0600);  // a copy that a person makes is that person's
}

TEST_CASE("a ledger keeps the mode that its owner gave it, and so does what takes its place") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto fleet = make_ledger(settings, 20);
  const mode_t chosen = GENERATE(0600U, 0664U);
  REQUIRE(::chmod(settings.path.c_str(), chosen) == 0);
  open_ledger(settings, fleet.now).reset();
  CHECK(mode(settings.path) == chosen);
  CHECK(mode(settings.path + ".registers") == chosen);
  overwrite(settings.path, 0, std::string(4096, 'x'));
  const auto ledger = open_ledger(settings, fleet.now);
  REQUIRE(set_aside_files(folder).size() == 1);
  CHECK(mode(folder.file(set_aside_files(folder)[0])) == chosen);
  CHECK(mode(settings.path) == chosen);
  CHECK(mode(settings.path + "-wal") == chosen);
}

TEST_CASE("a member of the group reads a ledger that it may not write, and is told why when it cannot") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  {
    Keeper keeper{settings};
    for (const char* suffix : {"", "-wal", "-shm"}) CHECK(mode(settings.path + suffix) == 0640);
    give_to_group(folder, settings.path);
    CHECK(read_as_member(settings.path) == "1 lines");
    keeper.end(SIGKILL);
    CHECK(read_as_member(settings.path) == "1 lines");  // nobody has the log open now; SQLite reads it all the same
  }
  // Without the index of the log, which a member may not make.
  REQUIRE(::chmod(folder.path().c_str(), 0750) == 0);
  REQUIRE(fs::remove(settings.path + "-shm"));
  give_to_group(folder, settings.path);
  CHECK(read_as_member(settings.path).find("start rbampd") != std::string::npos);
  REQUIRE(::chmod((settings.path + "-wal").c_str(), 0) == 0);
  CHECK(read_as_member(settings.path).find("but not " + settings.path + "-wal") != std::string::npos);
  REQUIRE(::chmod(settings.path.c_str(), 0) == 0);
  CHECK(read_as_member(settings.path).find("a member of the group rbampd") != std::string::npos);
  REQUIRE(::chmod(folder.path().c_str(), 0750) == 0);  // so that it can be removed
}

TEST_CASE("a member of the group reads a ledger that was closed orderly") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  {
    const Umask umask{0077};
    FleetOfRows fleet{1, 1};
    auto ledger = open_ledger(settings, fleet.now);
    fleet.open(*ledger);
    fleet.pass(seconds{60});
    REQUIRE(ledger->commit(fleet.round()));
  }
  give_to_group(folder, settings.path);
  CHECK(read_as_member(settings.path) == "1 lines");
  REQUIRE(::chmod(folder.path().c_str(), 0750) == 0);
}
