// What was seen live, in a file that the next process reads.
#include "daemon/live_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "log/message_ids.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::daemon;
using namespace rbamp::support;
using std::chrono::seconds;

namespace {

const BootId this_boot{BootId::Bytes{7}};

metering::LiveMemory memory_of(std::uint8_t chip) {
  metering::LiveMemory memory;
  memory.uid = ModuleUid{ModuleUid::Bytes{chip}};
  memory.since.boot = this_boot;
  memory.since.at = BootTime{seconds{1000}};
  memory.channels[0].sums = {WattHours{0.25}, WattHours{12.000000000000001}, seconds{30}, seconds{2}};
  memory.channels[0].last = metering::LivePower{BootTime{seconds{1032}}, Watts{-2987.123456789}};
  return memory;
}

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

struct Log {
  MemorySink sink;
  log::Logger logger{sink, log::Level::info};
};

}  // namespace

TEST_CASE("the next process recalls to the last bit what this one kept") {
  const TemporaryDirectory folder;
  Log log;
  {
    LiveFile file{folder.path().string(), this_boot, log.logger};
    CHECK_FALSE(file.recall(memory_of(1).uid));
    file.keep({memory_of(1), memory_of(2)});
    file.keep({memory_of(2)});  // the first one is away meanwhile
  }
  const LiveFile file{folder.path().string(), this_boot, log.logger};
  const auto recalled = file.recall(memory_of(1).uid);
  REQUIRE(recalled);
  const auto kept = memory_of(1);
  CHECK(recalled->uid == kept.uid);
  CHECK(recalled->since.at == kept.since.at);
  CHECK(recalled->since.boot == kept.since.boot);
  CHECK(recalled->channels[0].sums.positive == kept.channels[0].sums.positive);
  CHECK(recalled->channels[0].sums.negative == kept.channels[0].sums.negative);
  CHECK(recalled->channels[0].sums.covered == kept.channels[0].sums.covered);
  CHECK(recalled->channels[0].sums.missed == kept.channels[0].sums.missed);
  REQUIRE(recalled->channels[0].last);
  CHECK(recalled->channels[0].last->at == kept.channels[0].last->at);
  CHECK(recalled->channels[0].last->power == kept.channels[0].last->power);
  CHECK_FALSE(recalled->channels[1].last);
  CHECK(file.recall(memory_of(2).uid));
  CHECK_FALSE(file.recall(memory_of(3).uid));
  CHECK(log.sink.entries().empty());
}

TEST_CASE("right after a latch the last reading is from before it") {
  const TemporaryDirectory folder;
  Log log;
  auto memory = memory_of(1);
  memory.channels[0] = {{}, metering::LivePower{memory.since.at - std::chrono::milliseconds{150}, Watts{-2987.0}}};
  LiveFile{folder.path().string(), this_boot, log.logger}.keep({memory});
  const LiveFile file{folder.path().string(), this_boot, log.logger};
  REQUIRE(file.recall(memory.uid));
  CHECK(file.recall(memory.uid)->channels[0].last->at == memory.channels[0].last->at);
  CHECK(log.sink.entries().empty());
}

TEST_CASE("what was seen in another boot of the host is nobody's") {
  const TemporaryDirectory folder;
  Log log;
  LiveFile{folder.path().string(), this_boot, log.logger}.keep({memory_of(1)});
  const LiveFile file{folder.path().string(), BootId{BootId::Bytes{8}}, log.logger};
  CHECK_FALSE(file.recall(memory_of(1).uid));
  CHECK(log.sink.entries().empty());
}

TEST_CASE("a file that is cut off, or tells what no module can have seen, is told of and not used") {
  const TemporaryDirectory folder;
  Log log;
  const auto path = folder.path() / "live.json";
  LiveFile{folder.path().string(), this_boot, log.logger}.keep({memory_of(1)});
  const auto whole = content_of(path);
  std::string text;
  SECTION("cut off") { text = whole.substr(0, whole.size() / 2); }
  SECTION("empty") { text = ""; }
  SECTION("another thing") { text = "[1, 2, 3]"; }
  SECTION("more than a channel carries") { text = std::string{whole}.replace(whole.find("0.25"), 4, "9e99"); }
  SECTION("a time before the boot") { text = std::string{whole}.replace(whole.find("30000000"), 8, "-3000000"); }
  SECTION("a time that no integer holds") { text = std::string{whole}.replace(whole.find("30000000"), 8, "3e300000"); }
  SECTION("a reading before the latch") { text = std::string{whole}.replace(whole.find("1032000000"), 10, "1000"); }
  SECTION("a chip without a number") { text = std::string{whole}.replace(whole.find("010000"), 6, "zzzzzz"); }
  SECTION("far too long") { text = std::string(2U << 20U, ' '); }
  std::ofstream{path} << text;
  log.sink.clear();
  const LiveFile file{folder.path().string(), this_boot, log.logger};
  CHECK_FALSE(file.recall(memory_of(1).uid));
  CHECK(log.sink.contains("cannot be read from"));
}

TEST_CASE("a folder that cannot be written costs one warning, and another one after it has worked") {
  const TemporaryDirectory folder;
  Log log;
  const auto inner = folder.path() / "run";
  LiveFile file{inner.string(), this_boot, log.logger};
  for (int i = 0; i < 5; ++i) file.keep({memory_of(1)});
  CHECK(log.sink.count_id(log::message_id::live_memory_lost) == 1);
  std::filesystem::create_directory(inner);
  file.keep({memory_of(1)});
  std::filesystem::remove_all(inner);
  for (int i = 0; i < 5; ++i) file.keep({memory_of(1)});
  CHECK(log.sink.count_id(log::message_id::live_memory_lost) == 2);
}

TEST_CASE("without a folder nothing is kept for the next process, and nothing is said") {
  Log log;
  LiveFile file{"", this_boot, log.logger};
  file.keep({memory_of(1)});
  CHECK(file.recall(memory_of(1).uid));
  CHECK_FALSE(LiveFile("", this_boot, log.logger).recall(memory_of(1).uid));
  CHECK(log.sink.entries().empty());
}
