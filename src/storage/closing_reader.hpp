// Reads rows of `closings` together with their round, in ledger order.
#pragma once

#include <cstdint>
#include <functional>

#include "metering/instant.hpp"
#include "storage/closing_row.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

/// The round's side of a closing. The boot is still a row number: most readers never need the id.
struct ClosingEnd {
  std::int64_t boot = 0;
  BootTime at{};
  UtcTime utc{};
  std::int32_t day = 0;
  std::int64_t label = 0;  ///< see label_state
};

namespace label_state {
inline constexpr std::int64_t untrusted = 0;  ///< will be corrected
inline constexpr std::int64_t trusted = 1;
inline constexpr std::int64_t settled = 2;  ///< was never trusted, cannot be corrected any more
}  // namespace label_state

/// The columns that `read_closing` expects, for SELECT lists over `rounds r` and `closings c`.
[[nodiscard]] const std::string& closing_columns();
inline constexpr int closing_column_count = 26;

struct ReadClosing {
  ClosingRow row;
  ClosingEnd end;
};

/// Throws Failure (ledger_damaged) for a row with unknown quality or reason.
[[nodiscard]] ReadClosing read_closing(const Rows& rows, const std::string& path);

}  // namespace rbamp::storage
