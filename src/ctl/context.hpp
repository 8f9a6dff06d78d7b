// What every command needs: the streams, the options that all commands share, the configuration, the ledger's path, the time zone.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/local_time.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "ctl/exit_status.hpp"
#include "ctl/terminal.hpp"
#include "storage/reader.hpp"

namespace rbamp::ctl {

/// Options that may stand before or after the name of any command.
struct Globals {
  std::string config_file;  ///< --config; empty: the default one, which need not exist
  std::string ledger_file;  ///< --ledger; empty: [storage].path
  bool json = false;        ///< --json
};

/// One run of one command. For one thread. The configuration is read when something of it is first asked for.
class Context {
 public:
  Context(Terminal& terminal, Clock& clock, Globals globals);

  [[nodiscard]] Terminal& terminal() { return terminal_; }
  [[nodiscard]] std::ostream& out() { return terminal_.out; }
  [[nodiscard]] std::ostream& err() { return terminal_.err; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] bool wants_json() const { return globals_.json; }
  [[nodiscard]] const Globals& globals() const { return globals_; }

  /// The configuration, as rbampd reads it; valid as long as this context. Problems go to `err`, one per line.
  /// Errors: config_invalid; ledger_readonly when this user may not read the file.
  [[nodiscard]] Result<const config::Config*> config();
  /// --ledger, else [storage].path. Errors: as config().
  [[nodiscard]] Result<std::string> ledger_path();
  /// The same, when a file is there. Errors: as config(); ledger_io, which says where was looked.
  [[nodiscard]] Result<std::string> existing_ledger();
  /// [daemon].timezone. Errors: as config().
  [[nodiscard]] Result<TimeZone> zone();
  /// The ledger, read-only. Errors: as existing_ledger(); ledger_*.
  [[nodiscard]] Result<std::unique_ptr<storage::Reader>> open_ledger();

  /// "rbampctl: DETAIL" on `err`; returns the exit status for it: `return context.fail(error);`
  int fail(const Error& error);
  /// The same for wrong arguments (64). `words` say what to do.
  int refuse(const std::string& words);

 private:
  Terminal& terminal_;
  Clock& clock_;
  Globals globals_;
  std::optional<config::Config> config_;
};

}  // namespace rbamp::ctl
