// What rbampd says about itself: one snapshot of plain values, the same on both sides of the bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "units/units.hpp"

namespace rbamp::dbus {

/// "Is all well?" in one word. healthy: yes. degraded: energy is metered, but something needs a look (`problem` says what).
/// failed: energy of at least one place is not being metered or not being stored.
enum class Health : std::uint8_t { healthy, degraded, failed };
[[nodiscard]] std::string_view to_string(Health health) noexcept;
[[nodiscard]] std::optional<Health> health_from(std::string_view word) noexcept;

struct ChannelStatus {
  std::string id;
  std::string name;
  std::optional<MicroWattHours> energy_import;  ///< registers as committed; absent until the ledger gave them
  std::optional<MicroWattHours> energy_export;
  std::optional<double> ruler_ratio{};         ///< live sum over the module's average in the last whole hour; absent: not known
  std::optional<double> period_ruler_ratio{};  ///< the same of the last period that was watched without a hole
};

struct ModuleStatus {
  std::string id;
  std::string name;
  std::string role;              ///< "grid", "solar", "battery", "load", "other"
  std::string uid;               ///< 24 hex digits; empty: never seen since the start
  std::string variant;           ///< "UI1" .. "I3"; empty as above
  std::string firmware_version;  ///< "1.3"; empty as above
  std::string bus;
  std::optional<I2cAddress> address;
  bool is_reachable = false;
  std::string problem;                     ///< empty, or one sentence
  std::optional<Microseconds> window_age;  ///< since the last live window was read; absent: none since the start
  std::optional<Microseconds> period_age;  ///< since the end of the last booked period; absent: none yet
  std::uint64_t errors = 0;                ///< transfers that stayed failed after all retries
  std::uint64_t retries = 0;
  std::uint64_t windows_seen = 0;
  std::uint64_t windows_missed = 0;
  std::vector<ChannelStatus> channels;
};

struct BusStatus {
  std::string name;
  std::string driver;  ///< "i2c-dev", "simulator"
  std::string device;
  bool is_open = false;
  std::string problem;  ///< empty, or one sentence
  std::uint64_t transactions = 0;
  std::uint64_t bytes = 0;
  std::uint64_t retries = 0;
  std::uint64_t errors = 0;
  std::string drdy;                                 ///< a word: "none", "edges", "silent", "held"
  std::optional<Microseconds> edge_latency_median;  ///< from an edge of DRDY to the begin of the read; absent: no edges yet
  std::optional<Microseconds> edge_latency_p99;
  std::string overload;                       ///< empty, or sentences: more readings than the bus carries, modules that are slow
  std::optional<std::uint64_t> edges_lost{};  ///< that the kernel dropped, where it counts them; absent: no line
};

struct LedgerStatus {
  std::string path;
  std::uint64_t bytes = 0;  ///< on disk, log included
  std::optional<UtcTime> last_commit;
  std::uint64_t backlog = 0;  ///< rounds that wait in memory because the disk does not take them
  std::string problem;        ///< empty, or one sentence
};

struct BrokerStatus {
  std::string state = "off";  ///< a word: "off", "connecting", "online", "refused"
  std::string detail;         ///< empty, or one sentence
};

struct Status {
  std::string version;
  UtcTime started{};
  Health health = Health::healthy;
  std::string problem;  ///< empty, or one sentence: what is wrong now
  bool clock_is_trusted = false;
  std::vector<ModuleStatus> modules;  ///< in the order of the configuration
  std::vector<BusStatus> buses;
  LedgerStatus ledger;
  BrokerStatus broker;
};

}  // namespace rbamp::dbus
