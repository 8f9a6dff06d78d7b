// Questions to the ledger that change nothing: for rbampctl, exports and views, in any process.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/local_time.hpp"
#include "base/result.hpp"
#include "metering/posting.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

struct ChannelSummary {
  metering::ChannelKey key{};
  std::string module;  ///< place id
  std::string channel;
  ChannelIndex input;
  UtcTime since{};
  MicroWattHours total_import;
  MicroWattHours total_export;
};

enum class Bucket { quarter_hour, hour, day, month, year };

/// One bar of a history: half open [begin, end), local buckets. Energies that nobody measured are not in it; `qualities` says so.
struct Bar {
  UtcTime begin;
  UtcTime end;
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  std::uint8_t qualities = 0;  ///< bit n: a period of metering::Quality n took part
};

/// One line of the ledger, as stored.
struct LedgerLine {
  std::int64_t id = 0;  ///< of the closing; grows with each commit, never given twice: a cursor
  std::string module;
  std::string channel;
  ModuleUid chip;
  UtcTime end{};
  bool end_is_trusted = false;
  Microseconds length{};
  metering::Quality quality = metering::Quality::measured;
  metering::Reason reason = metering::Reason::none;
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  MicroWattHours total_import;
  MicroWattHours total_export;
  bool export_is_estimated = false;
  std::string note;
  bool end_may_be_corrected = false;  ///< not trusted, and waits for the clock of this host boot
  std::int64_t boot = 0;              ///< small number of the host boot in which it ended; 0: unknown
  bool begins_in_other_boot = false;  ///< the host was rebooted between begin and end
  metering::ExportSource export_source = metering::ExportSource::none;
};

/// Both included.
struct IdRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

struct StoredEvent {
  std::int64_t id = 0;
  UtcTime at{};
  std::string module;
  std::string channel;
  std::string kind;
  std::string text;
};

/// Read-only connection. Each call is one short read transaction, so that the writer's log can be copied in between: never keep a
/// cursor open, ask for the next piece. Blocks for the disk; for one thread.
/// Errors: ledger_io, ledger_busy (wait), ledger_damaged, ledger_newer.
class Reader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const std::string& path, const TimeZone& zone);

  /// All channels, in order of place and input, with their newest totals.
  [[nodiscard]] Result<std::vector<ChannelSummary>> channels();

  /// Bars that begin in [from, to), in time order; buckets without any closing are left out. The running quarter hour and
  /// periods whose labels wait for the clock are included.
  [[nodiscard]] Result<std::vector<Bar>> history(metering::ChannelKey channel, Bucket bucket, UtcTime from, UtcTime to);

  /// Lines whose period ended in (from, to], in ledger order, after line `after`; at most `limit` closings of up to three lines.
  /// Page by giving the id of the last line.
  [[nodiscard]] Result<std::vector<LedgerLine>> lines(UtcTime from, UtcTime to, std::int64_t after, std::size_t limit);

  /// Lines committed after `after`, in ledger order, whose labels are settled or not: for outputs with a cursor.
  [[nodiscard]] Result<std::vector<LedgerLine>> lines_after(std::int64_t after, std::size_t limit);

  /// A cursor for lines(): what the newest `rounds` commits hold is after it.
  [[nodiscard]] Result<std::int64_t> before_newest(std::int64_t rounds);

  /// Ids that lines whose period ended in [from, to] lie between, to whole seconds; nullopt when there is none. Lines of other
  /// times may lie between them too.
  [[nodiscard]] Result<std::optional<IdRange>> ids_between(UtcTime from, UtcTime to);

  /// True when retention has taken single lines out of the ledger: what they booked is in registers, quarter hours and days.
  [[nodiscard]] Result<bool> has_folded_lines();

  /// The request that opens the account of a place as it was metered last, so that nothing is made anew; with `channel`, as it was
  /// when that channel was metered last. `now` is left to the caller. nullopt: no such place, or no such channel of it.
  [[nodiscard]] Result<std::optional<metering::AccountRequest>> account_request(const std::string& place,
                                                                                const std::string& channel = {});

  /// The newest `limit` events after event `after`, oldest first.
  [[nodiscard]] Result<std::vector<StoredEvent>> events(std::int64_t after, std::size_t limit);

  /// A small text that a part of rbampd remembers, as of Ledger::get_state. nullopt: nothing of that name.
  [[nodiscard]] Result<std::optional<std::string>> state(std::string_view name);

 private:
  Reader(std::unique_ptr<Connection> connection, const TimeZone& zone);

  std::vector<LedgerLine> read_lines(Rows& rows);

  std::unique_ptr<Connection> connection_;
  TimeZone zone_;
  Query quarter_;
  Query day_;
  Query waiting_;
  Query between_;
  Query after_;
};

}  // namespace rbamp::storage
