// The CSV side of ctl/line_text.hpp.
#include "ctl/line_text.hpp"

#include "base/local_time.hpp"
#include "ctl/csv.hpp"
#include "ctl/energy_text.hpp"

namespace rbamp::ctl {
namespace {

const char* word(bool yes) { return yes ? "true" : "false"; }

/// Microseconds have as many decimals in a second as micro-watt-hours in a watt-hour.
std::string seconds_text(Microseconds length) { return to_exact_wh(MicroWattHours{length.count()}); }

}  // namespace

std::string csv_head() {
  return "id,begin,end,module,channel,chip,length_s,quality,reason,import_wh,export_wh,total_import_wh,total_export_wh,"
         "export_is_estimated,time_is_trusted,note,export_source";
}

std::string to_csv(const storage::LedgerLine& line) {
  std::string text = std::to_string(line.id);
  const auto add = [&text](const std::string& field) { text += "," + field; };
  add(to_rfc3339(line.end - line.length, true));
  add(to_rfc3339(line.end, true));
  add(csv_field(line.module));
  add(csv_field(line.channel));
  add(to_string(line.chip));
  add(seconds_text(line.length));
  add(std::string{to_string(line.quality)});
  add(std::string{to_string(line.reason)});
  for (const auto energy : {line.energy_import, line.energy_export, line.total_import, line.total_export})
    add(to_exact_wh(energy));
  add(word(line.export_is_estimated));
  add(word(line.end_is_trusted));
  add(csv_field(line.note));
  add(std::string{to_string(line.export_source)});
  return text;
}

}  // namespace rbamp::ctl
