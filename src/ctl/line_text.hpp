// One line of the ledger in the forms in which it leaves rbampctl. Columns and names: docs/rbampctl.md.
#pragma once

#include <string>

#include "storage/reader.hpp"

namespace rbamp::ctl {

/// The head of a CSV file of lines, and a line of it; both without a line break.
[[nodiscard]] std::string csv_head();
[[nodiscard]] std::string to_csv(const storage::LedgerLine& line);
/// One JSON object with the same names, without a line break.
[[nodiscard]] std::string to_json_text(const storage::LedgerLine& line);

}  // namespace rbamp::ctl
