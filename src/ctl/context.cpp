#include "ctl/context.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <ostream>

namespace rbamp::ctl {

Context::Context(Terminal& terminal, Clock& clock, Globals globals)
    : terminal_(terminal), clock_(clock), globals_(std::move(globals)) {}

Result<const config::Config*> Context::config() {
  if (config_) return &*config_;
  const bool is_default = globals_.config_file.empty();
  const std::string file{is_default ? std::string{config::default_file} : globals_.config_file};
  if (::access(file.c_str(), R_OK) != 0 && errno == EACCES) {
    return failure(Errc::ledger_readonly, Remedy::give_up,
                   "you may not read the configuration " + file + "; run this as root or as a member of the group rbampd");
  }
  auto loaded = config::load(file, is_default ? config::WhenMissing::defaults : config::WhenMissing::problem);
  if (!loaded.problems.empty()) {
    for (const auto& problem : loaded.problems) terminal_.err << to_string(problem) << '\n';
    return failure(Errc::config_invalid, Remedy::give_up,
                   "the configuration " + file + " has " + std::to_string(loaded.problems.size()) +
                       (loaded.problems.size() == 1 ? " problem" : " problems") + "; correct it, or name another with --config");
  }
  config_ = std::move(loaded.config);
  return &*config_;
}

Result<std::string> Context::ledger_path() {
  if (!globals_.ledger_file.empty()) return globals_.ledger_file;
  const auto loaded = config();
  if (!loaded) return failure(loaded.error());
  return (*loaded)->storage.path;
}

Result<TimeZone> Context::zone() {
  const auto loaded = config();
  if (!loaded) return failure(loaded.error());
  return TimeZone::find((*loaded)->daemon.timezone);
}

Result<std::string> Context::existing_ledger() {
  auto path = ledger_path();
  if (!path) return path;
  std::error_code code;
  const bool exists = std::filesystem::exists(*path, code);
  if (code == std::errc::permission_denied) {
    return failure(
        Errc::ledger_readonly, Remedy::give_up,
        "you may not look into the folder of the ledger " + *path + "; run this as root or as a member of the group rbampd");
  }
  if (!exists) {
    return failure(Errc::ledger_io, Remedy::give_up,
                   "there is no ledger " + *path + "; rbampd makes it when it first runs, or name another with --ledger");
  }
  return path;
}

Result<std::unique_ptr<storage::Reader>> Context::open_ledger() {
  const auto path = existing_ledger();
  if (!path) return failure(path.error());
  const auto local = zone();
  if (!local) return failure(local.error());
  return storage::Reader::open(*path, *local);
}

int Context::fail(const Error& error) {
  terminal_.err << "rbampctl: " << error.detail << '\n';
  return status_of(error);
}

int Context::refuse(const std::string& words) {
  terminal_.err << "rbampctl: " << words << '\n';
  return exit_status::usage;
}

}  // namespace rbamp::ctl
