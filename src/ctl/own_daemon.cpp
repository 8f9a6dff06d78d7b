#include "ctl/own_daemon.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace rbamp::ctl {
namespace {

/// One may be named through a link. Where the files cannot be looked at, their names must do.
bool is_same_file(const std::string& one, const std::string& other) {
  std::error_code code;
  return one == other || std::filesystem::equivalent(one, other, code);
}

}  // namespace

Result<void> require_instance(Context& context, dbus::Client& daemon, Instance instance) {
  if (instance == Instance::any && context.globals().config_file.empty()) return {};
  const auto ours = context.ledger_path();
  if (!ours) return failure(ours.error());
  const auto status = daemon.status();
  if (!status) return failure(status.error());
  const auto& theirs = status->ledger.path;
  if (is_same_file(theirs, *ours)) return {};
  return failure(Errc::daemon_missing, Remedy::give_up,
                 "the rbampd on the message bus has the ledger " + theirs + ", this command is about " + *ours +
                     ": that is another rbampd, and nothing was asked of it. Only one of a host has the name org.rbampd1; for "
                     "that one give its configuration with --config");
}

Result<dbus::Client> connect_to(Context& context, Instance instance) {
  auto client = dbus::Client::connect();
  if (!client) return client;
  if (auto same = require_instance(context, *client, instance); !same) return failure(std::move(same.error()));
  return client;
}

}  // namespace rbamp::ctl
