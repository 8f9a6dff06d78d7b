// What rbampd says about itself, on one screen and as JSON.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/local_time.hpp"
#include "dbus/status.hpp"
#include "storage/reader.hpp"
#include "units/units.hpp"

namespace rbamp::ctl {

/// Energy of the local day so far, by "module/channel".
struct DayEnergy {
  MicroWattHours energy_import;
  MicroWattHours energy_export;
};
using Today = std::map<std::string, DayEnergy>;

struct StatusPicture {
  dbus::Status status;
  Today today;                               ///< empty when the ledger may not be read
  std::string today_problem;                 ///< why it is empty
  std::vector<storage::StoredEvent> faults;  ///< the last ones
  UtcTime now{};
};

void print_status(const StatusPicture& picture, const TimeZone& zone, std::ostream& out);
void print_status_json(const StatusPicture& picture, std::ostream& out);

}  // namespace rbamp::ctl
