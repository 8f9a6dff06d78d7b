// Whether the start before this one gave up, told by a marker in the runtime folder.
#include "daemon/start_record.hpp"
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

TEST_CASE("where no marker can be kept, each start is a first one") {
  const TemporaryDirectory folder;
  for (const std::string& place : {std::string{}, folder.file("missing"), std::string{"/proc"}}) {
    const StartRecord record{place};
    record.gave_up();
    CHECK_FALSE(StartRecord{place}.is_retry());
    record.clear();
  }
}
