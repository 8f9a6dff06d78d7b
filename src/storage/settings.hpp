// How a ledger is kept.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "config/storage.hpp"

namespace rbamp::storage {

struct Settings {
  std::string path = "/var/lib/rbampd/energy.db";
  Microseconds raw_retention = std::chrono::hours{24 * 90};
  Microseconds quarter_hour_retention = std::chrono::hours{24 * 365 * 5};
  /// False: rounds survive the death of the process, not a power cut. For virtual time, where a year passes in seconds.
  bool survives_power_cut = true;
  /// The write-ahead log never grows beyond this by more than one transaction, even when a reader that never ends keeps it from being
  /// copied: then rounds, and all else that would be written, are refused with ledger_full until the reader is gone. About a week of
  /// 16 modules at one round a minute.
  std::uint64_t log_limit_bytes = std::uint64_t{64} << 20U;

  Settings() = default;
  explicit Settings(const config::Storage& config)
      : path(config.path), raw_retention(config.raw_retention), quarter_hour_retention(config.quarter_hour_retention) {}
};

}  // namespace rbamp::storage
