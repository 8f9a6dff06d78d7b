// Live values of modules as a table or as JSON.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "commissioning/live_feed.hpp"

namespace rbamp::ctl {

/// One module's values with what it is called.
struct LiveRow {
  I2cAddress address;
  std::string id;
  std::optional<ModuleUid> uid;  ///< none: declared, with firmware that has none
  protocol::Variant variant = protocol::Variant::ui1;
  commissioning::LiveValues values;
};

/// A line for each channel; what a module does not measure is "-".
void print_live(const std::vector<LiveRow>& rows, std::ostream& out);

/// {bus, at, modules: [...]} on one line, or on several when `is_pretty`; absent quantities are null.
[[nodiscard]] std::string live_json(const std::string& bus, UtcTime at, const std::vector<LiveRow>& rows, bool is_pretty);

}  // namespace rbamp::ctl
