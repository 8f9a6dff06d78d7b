// What a round costs: bytes in the file, bytes written, time of the processor. Bounds with room for a busy machine; the figures
// themselves are printed, and stand in docs/storage.md.
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "expect_sound.hpp"
#include "fleet_of_rows.hpp"
#include "plain_sqlite.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::support;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int rounds_of_a_day = 1440;

/// A counter of /proc/self/io.
std::int64_t io(const std::string& name) {
  std::ifstream file{"/proc/self/io"};
  std::string key;
  for (std::int64_t value = 0; file >> key >> value;) {
    if (key == name + ":") return value;
  }
  return 0;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct Cost {
  double written = 0;     ///< bytes per round handed to the file system, log and database
  double cpu_ms = 0;      ///< per round
  double file_bytes = 0;  ///< per posting
  double row_bytes = 0;   ///< what SQLite stores for the rows that a round adds or changes, without pages
};

Cost cost_of_a_day(const std::string& path, bool sequential, bool exports) {
  auto settings = settings_for(path);
  FleetOfRows fleet{16, 3};
  fleet.is_sequential = sequential;
  fleet.exports = exports;
  auto ledger = open_ledger(settings, fleet.now, TimeZone::find("Europe/Berlin").value());
  fleet.open(*ledger);
  const auto written = io("wchar");
  const auto cpu = processor_seconds();
  for (int i = 0; i < rounds_of_a_day; ++i) {
    fleet.pass(milliseconds{59'800});
    REQUIRE(ledger->arm(fleet.latches()));
    fleet.pass(milliseconds{sequential ? 184 : 200});
    REQUIRE(ledger->commit(fleet.round()));
    if (i % 60 == 0) REQUIRE(ledger->maintain(fleet.now.utc, true));
  }
  Cost cost;
  cost.cpu_ms = (processor_seconds() - cpu) * 1000 / rounds_of_a_day;
  ledger.reset();  // the last copy of the log belongs to the day
  cost.written = static_cast<double>(io("wchar") - written) / rounds_of_a_day;
  cost.file_bytes = static_cast<double>(std::filesystem::file_size(path)) / (rounds_of_a_day * 48.0);
  PlainSqlite database{path};
  // dbstat counts the payload of every row. Closings and rounds grow by a round; anchors and intents are written
  // once per round, intents twice (planned, armed).
  const auto payload = [&](const std::string& tables) {
    return database.real("SELECT sum(payload) FROM dbstat WHERE name IN (" + tables + ")");
  };
  cost.row_bytes =
      payload("'closings','rounds','quarter_hours','days'") / rounds_of_a_day + payload("'anchors'") + 2 * payload("'intents'");
  return cost;
}

}  // namespace

TEST_CASE("a round of 16 modules with 3 channels stays within its budget") {
  const TemporaryDirectory folder;
  const bool sequential = GENERATE(false, true);
  const bool exports = GENERATE(false, true);
  const auto cost = cost_of_a_day(folder.file("energy.db"), sequential, exports);
  std::cout << "16 x 3 channels, " << (sequential ? "sequential" : "broadcast") << (exports ? ", 16 of them exporting" : "")
            << ": written " << cost.written << " B/round, rows " << cost.row_bytes << " B/round (x "
            << cost.written / cost.row_bytes << "), file " << cost.file_bytes << " B/posting, processor " << cost.cpu_ms
            << " ms/round\n";
  CHECK(cost.written <= 4 * cost.row_bytes);
  CHECK(cost.written <= 4 * 64.0 * 48.0);
  CHECK(cost.file_bytes <= 40.0);
  CHECK(cost.cpu_ms < 20.0);  // an unoptimised build with sanitizers on a busy machine; released builds take 0.3
}
