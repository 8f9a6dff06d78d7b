#include "bench/ledger_years.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <vector>

#include "base/fd.hpp"
#include "bench/cpu_time.hpp"
#include "bench/ledger_fleet.hpp"
#include "bench/sync_count.hpp"
#include "storage/database.hpp"
#include "storage/reader.hpp"
#include "storage/rollup.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::bench {
namespace {

using std::chrono::hours;
using storage::Connection;
using storage::Query;

constexpr std::int64_t rounds_of_a_day = 1440;
constexpr std::int64_t days_of_the_year = 365;
constexpr std::int64_t days_measured = 5;  // checkpoints and retention do not come in step with a day
constexpr std::int64_t years_before = 9;
constexpr UtcTime first_day{Microseconds{1'735'689'600'000'000}};  // 2025-01-01

template <class T>
T require(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

double counter(const std::string& name) {
  std::ifstream io{"/proc/self/io"};
  std::string key;
  for (double value = 0.0; io >> key >> value;) {
    if (key == name + ":") return value;
  }
  throw std::runtime_error("/proc/self/io has no " + name);
}

double size_mb(const std::string& path) { return static_cast<double>(std::filesystem::file_size(path)) / 1e6; }

double milliseconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

/// Only pages that are on the disk can be dropped; the counted fsync above does not write them.
void drop_from_cache(const std::string& path) {
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  ::syncfs(file.get());
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
}

class Years {
 public:
  Years() { settings_.path = folder_.file("energy.db"); }

  LedgerReport run() {
    report_.year_s = milliseconds_of([this] { live_a_year(); }) / 1000.0;
    measure_file();
    add_years_before();
    report_.ten_years_mb = size_mb(settings_.path);
    measure_opening();
    measure_questions();
    return report_;
  }

 private:
  std::unique_ptr<storage::Ledger> open() {
    auto opened = require(storage::Ledger::open(settings_, berlin_, fleet_.now()));
    return std::move(opened.ledger);
  }

  void live_a_year() {
    const auto ledger = open();
    fleet_.open(*ledger);
    for (std::int64_t round = 0; round < (days_of_the_year - days_measured) * rounds_of_a_day; ++round)
      fleet_.commit_round(*ledger);
    const double written = counter("wchar");
    const double cpu = cpu_seconds();
    const auto syncs = sync_count();
    constexpr std::int64_t rounds = days_measured * rounds_of_a_day;
    for (std::int64_t round = 0; round < rounds; ++round) fleet_.commit_round(*ledger);
    report_.written_per_round = (counter("wchar") - written) / rounds;
    report_.cpu_ms_per_round = (cpu_seconds() - cpu) * 1000.0 / rounds;
    report_.syncs_per_round = static_cast<double>(sync_count() - syncs) / rounds;
  }

  void measure_file() {
    Connection connection{settings_.path, Connection::Access::read_only};
    const auto payload_of = [&](const std::string& tables) {
      return static_cast<double>(
          connection.integer("SELECT sum(payload) FROM dbstat WHERE name IN (" + tables + ")").value_or(0));
    };
    const auto pages_of = [&](const std::string& tables) {
      return static_cast<double>(connection.integer("SELECT sum(pgsize) FROM dbstat WHERE name IN (" + tables + ")").value_or(0));
    };
    const auto rounds_kept = static_cast<double>(connection.integer("SELECT count(*) FROM rounds").value_or(0));
    const auto quarters_kept = static_cast<double>(connection.integer("SELECT count(*) FROM quarter_hours").value_or(0));
    const double postings_per_round = static_cast<double>(LedgerFleet::modules * LedgerFleet::channels);
    report_.postings_booked =
        static_cast<std::uint64_t>(days_of_the_year * rounds_of_a_day) * LedgerFleet::modules * LedgerFleet::channels;
    report_.postings_kept = static_cast<std::uint64_t>(rounds_kept * postings_per_round);
    report_.file_mb = size_mb(settings_.path);
    report_.bytes_per_posting_booked = report_.file_mb * 1e6 / static_cast<double>(report_.postings_booked);
    report_.bytes_per_posting_kept = report_.file_mb * 1e6 / static_cast<double>(report_.postings_kept);
    report_.bytes_per_posting_row = pages_of("'closings','rounds'") / static_cast<double>(report_.postings_kept);
    // A round adds its rows, every fifteenth a quarter hour; anchors are changed once, intents twice (planned, armed).
    report_.rows_per_round = payload_of("'closings','rounds'") / rounds_kept +
                             payload_of("'quarter_hours'") / quarters_kept * LedgerFleet::modules / 15.0 +
                             payload_of("'anchors'") + 2.0 * payload_of("'intents'");
  }

  /// Copies of this year's quarter hours and days, years earlier: what retention would have left.
  void add_years_before() {
    Connection connection{settings_.path, Connection::Access::read_write};
    storage::Transaction transaction{connection};
    const auto kept = settings_.quarter_hour_retention / hours{24 * days_of_the_year};
    for (std::int64_t year = 1; year <= years_before; ++year) {
      const auto copy = [&](const std::string& table, std::int64_t first, std::int64_t distance) {
        connection.execute(
            "INSERT INTO " + table + "(id, qualities, import0, export0, import1, export1, import2, export2) SELECT id - (" +
            std::to_string(distance * year) + " << 16), qualities, import0, export0, import1, export1, import2, export2 FROM " +
            table + " WHERE id BETWEEN " + std::to_string(first) + " AND " + std::to_string(first + (distance << 16) - 1));
      };
      copy("days", storage::day_id(berlin_.local_day(first_day), 0), days_of_the_year);
      if (year < kept) copy("quarter_hours", storage::quarter_hour_id(first_day, 0), days_of_the_year * 24 * 60);
    }
    transaction.commit();
    connection.truncate_log();
  }

  void measure_opening() {
    std::vector<double> warm;
    drop_from_cache(settings_.path);
    report_.open_cold_ms = milliseconds_of([this] { open(); });
    for (int i = 0; i < 9; ++i) warm.push_back(milliseconds_of([this] { open(); }));
    report_.open_ms = median(warm);
  }

  void measure_questions() {
    const auto reader = require(storage::Reader::open(settings_.path, berlin_));
    const UtcTime summer = first_day + hours{24 * 200};
    const auto ask = [&](storage::Bucket bucket, UtcTime from, UtcTime to, std::size_t bars, bool is_cold) {
      std::vector<double> times;
      for (const auto& account : fleet_.accounts()) {
        for (const auto& channel : account.channels) {
          if (is_cold) drop_from_cache(settings_.path);
          times.push_back(milliseconds_of([&] {
            if (require(reader->history(channel.key, bucket, from, to)).size() < bars)
              throw std::runtime_error("a history has too few bars");
          }));
          if (is_cold) break;  // of each module one: dropping waits for the disk
        }
      }
      return median(times);
    };
    for (const bool is_cold : {true, false}) {
      const double day =
          ask(storage::Bucket::quarter_hour, berlin_.day_begin(summer), berlin_.next_day_begin(summer), 96, is_cold);
      const double year = ask(storage::Bucket::day, summer - hours{24 * 365 * 4}, summer - hours{24 * 365 * 3}, 365, is_cold);
      (is_cold ? report_.day_in_quarter_hours_cold_ms : report_.day_in_quarter_hours_ms) = day;
      (is_cold ? report_.year_in_days_cold_ms : report_.year_in_days_ms) = year;
    }
  }

  support::TemporaryDirectory folder_;
  storage::Settings settings_;
  TimeZone berlin_ = require(TimeZone::find("Europe/Berlin"));
  LedgerFleet fleet_{first_day};
  LedgerReport report_;
};

}  // namespace

LedgerReport run_ledger_years() { return Years{}.run(); }

}  // namespace rbamp::bench
