// [storage]: where the ledger is and how long it keeps detail.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace rbamp::config {

struct Storage {
  std::string path = "/var/lib/rbampd/energy.db";
  Microseconds raw_retention = std::chrono::hours{24 * 90};                ///< postings
  Microseconds quarter_hour_retention = std::chrono::hours{24 * 365 * 5};  ///< quarter hours; days are kept for ever

  bool operator==(const Storage&) const = default;
};

}  // namespace rbamp::config
