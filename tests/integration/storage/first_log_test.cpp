#include <filesystem>

#include "fleet_of_rows.hpp"
#include "storage/ledger.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;

TEST_CASE("a ledger whose process died before its first checkpoint is still ours, not another program's database") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  FleetOfRows fleet{1};
  const auto ledger = open_ledger(settings, fleet.now);
  fleet.open(*ledger);
  // What a kill leaves behind: the file and its log, without the end of the connection that would have joined them.
  for (const auto* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(settings.path + suffix, folder.file("left.db") + suffix);
  }
  auto left = settings;
  left.path = folder.file("left.db");
  const auto opened = storage::Ledger::open(left, TimeZone::utc(), fleet.now);
  INFO((opened ? std::string{} : opened.error().detail));
  CHECK(opened);
}
