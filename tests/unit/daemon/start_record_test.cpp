// Whether the start before this one gave up, told by a marker in the runtime folder.
#include "daemon/start_record.hpp"

#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using rbamp::daemon::StartRecord;
using rbamp::support::TemporaryDirectory;

TEST_CASE("a start is a first one until one gives up, and again when it is cleared") {
  const TemporaryDirectory folder;
  const StartRecord first{folder.path().string()};
  CHECK_FALSE(first.is_retry());
  first.gave_up();
  CHECK_FALSE(first.is_retry());
  const StartRecord second{folder.path().string()};
  CHECK(second.is_retry());
  second.clear();
  CHECK_FALSE(StartRecord{folder.path().string()}.is_retry());
}

TEST_CASE("five starts in a row that end soon begin at once, the ones after wait twice as long each time, five minutes at most") {
  using std::chrono::seconds;
  const TemporaryDirectory folder;
  std::vector<rbamp::Microseconds> pauses;
  for (int i = 0; i < 12; ++i) pauses.push_back(StartRecord{folder.path().string()}.begin());
  for (std::size_t i = 0; i < 5; ++i) CHECK(pauses[i] == seconds{0});
  CHECK(pauses[5] == seconds{10});
  CHECK(pauses[6] == seconds{20});
  CHECK(pauses[9] == seconds{160});
  CHECK(pauses[10] == seconds{300});
  CHECK(pauses[11] == seconds{300});
}

TEST_CASE("a program that settled, or ended as it was told, starts from nothing") {
  const TemporaryDirectory folder;
  for (int i = 0; i < 8; ++i) (void)StartRecord{folder.path().string()}.begin();
  const StartRecord ninth{folder.path().string()};
  CHECK(ninth.begin() > rbamp::Microseconds::zero());
  CHECK(ninth.starts() == 9);
  ninth.settled();
  CHECK(StartRecord{folder.path().string()}.begin() == rbamp::Microseconds::zero());
}

TEST_CASE("a count that is no number, or too large, does no harm") {
  const TemporaryDirectory folder;
  for (const std::string text : {"", "x", "-3", "99999999999999999999", "4294967295"}) {
    INFO(text);
    std::ofstream{folder.file("starts")} << text;
    const auto pause = StartRecord{folder.path().string()}.begin();
    CHECK(pause >= rbamp::Microseconds::zero());
    CHECK(pause <= StartRecord::longest_pause);
  }
}

TEST_CASE("where no marker can be kept, each start is a first one") {
  const TemporaryDirectory folder;
  for (const std::string& place : {std::string{}, folder.file("missing"), std::string{"/proc"}}) {
    const StartRecord record{place};
    record.gave_up();
    CHECK_FALSE(StartRecord{place}.is_retry());
    record.clear();
    for (int i = 0; i < 9; ++i) CHECK(StartRecord{place}.begin() == rbamp::Microseconds::zero());
  }
}
