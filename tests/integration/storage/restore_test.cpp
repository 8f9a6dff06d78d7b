// Restoring is itself interrupted: by a full disk, by death at each of its steps.
#include "storage/restore.hpp"

#include "damaged_ledger.hpp"

using namespace rbamp;
using namespace rbamp::support;
namespace fs = std::filesystem;

TEST_CASE("an exchange of a damaged file that was interrupted is ended by the next start") {
  const TemporaryDirectory folder;
  const auto settings = settings_for(folder.file("energy.db"));
  const auto before = make_ledger(settings);
  overwrite(settings.path, (page_of(settings.path, "registers") - 1) * page_bytes, std::string(page_bytes, '\0'));
  // The new ledger as it stands complete beside the old one.
  const TemporaryDirectory other;
  const auto elsewhere = settings_for(other.file("energy.db"));
  for (const char* suffix : {"", ".registers"}) fs::copy_file(settings.path + suffix, elsewhere.path + suffix);
  const auto snapshot = storage::load_snapshot(storage::snapshot_path(elsewhere.path));
  REQUIRE(snapshot);
  const auto restored = storage::restore_ledger(elsewhere, *snapshot, before.now.utc);
  CHECK_FALSE(restored.aside.empty());

  SECTION("before the damaged file was set aside") { fs::copy_file(elsewhere.path, settings.path + ".restored"); }
  SECTION("after the log was set aside, before the damaged file was") {
    fs::copy_file(elsewhere.path, settings.path + ".restored");
    put(settings.path + ".damaged-20260106T000000Z-wal", "the log");
  }
  SECTION("between the two names") {
    fs::copy_file(elsewhere.path, settings.path + ".restored");
    fs::rename(settings.path, settings.path + ".damaged-20260106T010000Z");
  }
  SECTION("while the new ledger was being filled") {
    fs::copy_file(elsewhere.path, settings.path + ".restoring");
    fs::resize_file(settings.path + ".restoring", 2048);
    put(settings.path + ".restoring-wal", "half a log");
  }
  const auto midnight = snapshot_registers(settings, before);
  const auto after = reopen(settings, before);
  INFO(after.said);
  expect_same_registers(midnight, after.fleet);
  CHECK_FALSE(fs::exists(settings.path + ".restored"));
  CHECK_FALSE(fs::exists(settings.path + ".restoring"));
  CHECK_FALSE(fs::exists(settings.path + ".restoring-wal"));
  CHECK_FALSE(set_aside_files(folder).empty());
}
