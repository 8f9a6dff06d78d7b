// The one list of commands. Each line is one file of ctl/.
#include "ctl/command_list.hpp"

#include "ctl/adjust_command.hpp"
#include "ctl/backup_command.hpp"
#include "ctl/capture_command.hpp"
#include "ctl/clear_error_command.hpp"
#include "ctl/doctor_command.hpp"
#include "ctl/events_command.hpp"
#include "ctl/explain_command.hpp"
#include "ctl/export_command.hpp"
#include "ctl/history_command.hpp"
#include "ctl/homeassistant_command.hpp"
#include "ctl/info_command.hpp"
#include "ctl/latch_command.hpp"
#include "ctl/meter_change_command.hpp"
#include "ctl/period_command.hpp"
#include "ctl/provision_command.hpp"
#include "ctl/read_command.hpp"
#include "ctl/record_command.hpp"
#include "ctl/reload_command.hpp"
#include "ctl/reset_command.hpp"
#include "ctl/restore_command.hpp"
#include "ctl/scan_command.hpp"
#include "ctl/set_command.hpp"
#include "ctl/status_command.hpp"
#include "ctl/verify_command.hpp"
#include "ctl/watch_command.hpp"

namespace rbamp::ctl {

void add_all_commands(CommandLine& line) {
  // The daemon.
  add_status_command(line);
  add_reload_command(line);
  add_latch_command(line);
  add_homeassistant_command(line);
  // The ledger: what was metered, how it came about, whether it is sound.
  add_history_command(line);
  add_explain_command(line);
  add_events_command(line);
  add_export_command(line);
  add_verify_command(line);
  // The ledger: care and corrections.
  add_backup_command(line);
  add_restore_command(line);
  add_adjust_command(line);
  add_meter_change_command(line);
  // The bus: who is there, and what is measured now.
  add_scan_command(line);
  add_info_command(line);
  add_read_command(line);
  add_watch_command(line);
  add_period_command(line);
  // The bus: setting modules up.
  add_provision_command(line);
  add_set_command(line);
  add_reset_command(line);
  add_clear_error_command(line);
  // The bus: finding out what is wrong.
  add_doctor_command(line);
  add_capture_command(line);
  add_record_command(line);
}

}  // namespace rbamp::ctl
