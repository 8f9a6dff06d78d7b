// What keeps the real program from metering for a while only: it must come back by itself, so it must not end as systemd is told to
// leave it (65), and started again by systemd it must wait without filling the journal.
#include <signal.h>

#include <filesystem>
#include <thread>

#include "house_config.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/small_disk.hpp"

using namespace rbamp::support;
using namespace rbamp::e2e;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int start_again = 75;
constexpr int no_bus = 69;

/// As systemd starts it: with a runtime folder, which outlives the process while it is started again automatically.
std::vector<std::string> as_service(const TemporaryDirectory& runtime) {
  return {"RUNTIME_DIRECTORY=" + runtime.path().string()};
}

bool is_empty(const TemporaryDirectory& folder) { return std::filesystem::is_empty(folder.path()); }
bool says_gave_up(const TemporaryDirectory& folder) { return std::filesystem::exists(folder.file("start-gave-up")); }

/// A first start, which gives up and leaves its mark.
void give_up(const std::string& config, const TemporaryDirectory& runtime, int status) {
  ChildProcess first{rbampd, {"--config", config}, as_service(runtime)};
  REQUIRE(first.wait_for_end(seconds{20}) == status);
  REQUIRE(says_gave_up(runtime));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// The one kilowatt for a second rbampd: the same ledger, another house.
std::string same_ledger(const TemporaryDirectory& folder) {
  auto text = one_kilowatt(folder);
  const auto house = folder.file("house.state");
  return text.replace(text.find(house), house.size(), folder.file("other.state"));
}

std::string one_kilowatt_on(const SmallDisk& disk, const TemporaryDirectory& folder) {
  auto text = one_kilowatt(folder);
  const auto path = folder.file("energy.db");
  return text.replace(text.find(path), path.size(), disk.file("energy.db"));
}

}  // namespace

TEST_CASE("a disk that is full at the start asks to be started again, and the time until there is room is recovered") {
  const SmallDisk disk{"600k"};
  if (!disk.is_mounted()) return;
  const TemporaryDirectory folder;
  const auto config = folder.write("c.toml", one_kilowatt_on(disk, folder));
  {
    ChildProcess child{rbampd, {"--config", config}};
    REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
    std::this_thread::sleep_for(milliseconds{1200});  // a period that a later start can go on from
    child.send(SIGTERM);
    REQUIRE(child.wait_for_end(seconds{10}) == 0);
  }
  disk.fill();
  {
    ChildProcess child{rbampd, {"--config", config}};
    CHECK(child.wait_for_end(seconds{20}) == start_again);
    CHECK(child.output().find("free some space") != std::string::npos);
  }
  disk.free();
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  child.send(SIGTERM);
  REQUIRE(child.wait_for_end(seconds{10}) == 0);
  CHECK(ask(disk.file("energy.db"), "SELECT count(*) FROM energy_log WHERE quality = 'recovered'") == 1.0);
  CHECK(ask(disk.file("energy.db"), "SELECT count(*) FROM energy_log WHERE quality IN ('gap', 'estimated')") == 0.0);
}

TEST_CASE("a ledger that another rbampd still has asks to be started again") {
  const TemporaryDirectory folder;
  ChildProcess first{rbampd, {"--config", folder.write("a.toml", one_kilowatt(folder))}};
  REQUIRE(first.wait_for_notify("READY=1", seconds{20}));
  ChildProcess second{rbampd, {"--config", folder.write("b.toml", same_ledger(folder))}};
  CHECK(second.wait_for_end(seconds{20}) == start_again);
  CHECK(second.output().find("another rbampd uses the ledger") != std::string::npos);
}

TEST_CASE("started again by systemd, it waits for a ledger in use, says so once, and meters when it is free") {
  const TemporaryDirectory folder;
  const TemporaryDirectory runtime;
  ChildProcess first{rbampd, {"--config", folder.write("a.toml", one_kilowatt(folder))}};
  REQUIRE(first.wait_for_notify("READY=1", seconds{20}));
  const auto config = folder.write("b.toml", same_ledger(folder));
  give_up(config, runtime, start_again);
  ChildProcess waits{rbampd, {"--config", config}, as_service(runtime)};
  REQUIRE(waits.wait_for_notify("EXTEND_TIMEOUT_USEC=", seconds{10}));
  CHECK(waits.wait_for_notify("STATUS=Waiting for the ledger: another rbampd uses the ledger", seconds{1}));
  CHECK_FALSE(waits.wait_for_end(milliseconds{500}));
  first.send(SIGTERM);
  REQUIRE(first.wait_for_end(seconds{10}) == 0);
  REQUIRE(waits.wait_for_notify("READY=1", seconds{20}));
  CHECK(count(waits.output(), "another rbampd uses the ledger") == 1);
  CHECK_FALSE(says_gave_up(runtime));
  waits.send(SIGTERM);
  CHECK(waits.wait_for_end(seconds{10}) == 0);
}

TEST_CASE("told to stop while it waits for the ledger, it ends at once with 0, and the next start is a first one") {
  const TemporaryDirectory folder;
  const TemporaryDirectory runtime;
  ChildProcess first{rbampd, {"--config", folder.write("a.toml", one_kilowatt(folder))}};
  REQUIRE(first.wait_for_notify("READY=1", seconds{20}));
  const auto config = folder.write("b.toml", same_ledger(folder));
  give_up(config, runtime, start_again);
  ChildProcess waits{rbampd, {"--config", config}, as_service(runtime)};
  REQUIRE(waits.wait_for_notify("EXTEND_TIMEOUT_USEC=", seconds{10}));
  waits.send(SIGTERM);
  CHECK(waits.wait_for_end(seconds{1}) == 0);
  CHECK(is_empty(runtime));
}

TEST_CASE("a start without any bus gives up once; started again by systemd it waits, says so once, and ends with 0 when told") {
  const TemporaryDirectory folder;
  const TemporaryDirectory runtime;
  const auto config = folder.write(
      "c.toml", "[storage]\npath = \"" + folder.file("e.db") + "\"\n[[bus]]\nname = \"main\"\ndevice = \"/dev/i2c-77\"\n");
  give_up(config, runtime, no_bus);
  ChildProcess waits{rbampd, {"--config", config}, as_service(runtime)};
  REQUIRE(waits.wait_for_notify("EXTEND_TIMEOUT_USEC=", seconds{10}));
  CHECK(waits.wait_for_notify("STATUS=Waiting for a bus; bus \"main\": /dev/i2c-77", seconds{2}));
  // Beyond the attempts after which a first start gives up.
  CHECK_FALSE(waits.wait_for_end(milliseconds{7500}));
  CHECK(waits.notifications().find("READY=1") == std::string::npos);
  CHECK(count(waits.output(), "/dev/i2c-77") == 1);
  CHECK(count(waits.output(), "\n") <= 4);
  waits.send(SIGTERM);
  CHECK(waits.wait_for_end(seconds{2}) == 0);
  CHECK(is_empty(runtime));
}

TEST_CASE("a start that looks at each page of a suspect ledger tells systemd to wait, and meters when it found nothing") {
  const TemporaryDirectory folder;
  const auto config = folder.write("c.toml", one_kilowatt(folder));
  {
    ChildProcess first{rbampd, {"--config", config}};
    REQUIRE(first.wait_for_notify("READY=1", seconds{20}));
    CHECK(first.notifications().find("EXTEND_TIMEOUT_USEC=") == std::string::npos);
    first.send(SIGTERM);
    REQUIRE(first.wait_for_end(seconds{10}) == 0);
  }
  folder.write("energy.db.suspect", "");
  ChildProcess child{rbampd, {"--config", config}};
  REQUIRE(child.wait_for_notify("STATUS=Looking at each page of the ledger", seconds{20}));
  CHECK(child.notifications().find("EXTEND_TIMEOUT_USEC=") != std::string::npos);
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  CHECK_FALSE(std::filesystem::exists(folder.file("energy.db.suspect")));
  child.send(SIGTERM);
  CHECK(child.wait_for_end(seconds{10}) == 0);
}

TEST_CASE("damage that cannot be repaired while running asks to be started again as ever: the next start does not wait") {
  const TemporaryDirectory folder;
  const TemporaryDirectory runtime;
  ChildProcess child{rbampd, {"--config", folder.write("c.toml", one_kilowatt(folder))}, as_service(runtime)};
  REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
  damage_beyond_repair(folder.file("energy.db"));
  CHECK(child.wait_for_end(seconds{20}) == start_again);
  CHECK_FALSE(says_gave_up(runtime));
}

TEST_CASE(
    "killed five times in a row, the sixth start waits and says so; one that ends as it was told makes the next begin at once") {
  const TemporaryDirectory folder;
  const TemporaryDirectory runtime;
  const auto config = folder.write("c.toml", one_kilowatt(folder));
  for (int i = 0; i < 5; ++i) {
    ChildProcess child{rbampd, {"--config", config}, as_service(runtime)};
    REQUIRE(child.wait_for_notify("READY=1", seconds{20}));
    child.send(SIGKILL);
    REQUIRE(child.wait_for_end(seconds{5}));
  }
  {
    ChildProcess waits{rbampd, {"--config", config}, as_service(runtime)};
    REQUIRE(waits.wait_for_notify("EXTEND_TIMEOUT_USEC=", seconds{5}));
    CHECK_FALSE(waits.wait_for_notify("READY=1", seconds{1}));
    CHECK(count(waits.output(), "the last 5 starts ended soon; waiting 10 s") == 1);
    waits.send(SIGTERM);
    CHECK(waits.wait_for_end(seconds{1}) == 0);
  }
  CHECK(is_empty(runtime));
  ChildProcess next{rbampd, {"--config", config}, as_service(runtime)};
  CHECK(next.wait_for_notify("READY=1", seconds{5}));
  next.send(SIGTERM);
  CHECK(next.wait_for_end(seconds{10}) == 0);
}
