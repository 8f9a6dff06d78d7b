#include "ctl/channel_choice.hpp"

#include <algorithm>

#include "config/suggestion.hpp"

namespace rbamp::ctl {
namespace {

using metering::Role;

tl::unexpected<Error> refusal(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

Role role_of(const config::Config& config, const std::string& module) {
  const auto found = std::find_if(config.modules.begin(), config.modules.end(), [&](const auto& m) { return m.id == module; });
  return found == config.modules.end() ? Role::other : found->role;
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

tl::unexpected<Error> unknown(const std::string& kind, const std::string& wanted, const std::vector<std::string>& known) {
  return refusal("the ledger has no " + kind + " " + config::in_quotes(wanted) + config::did_you_mean(wanted, known) +
                 (known.empty() ? "" : "; it has " + config::all_of(known)));
}

bool passes(const ChosenChannel& channel, const ChannelFilter& filter) {
  if (!filter.module.empty() && channel.summary.module != filter.module) return false;
  if (!filter.channel.empty() && channel.summary.channel != filter.channel && channel.name() != filter.channel) return false;
  return filter.role.empty() || to_string(channel.role) == filter.role;
}

}  // namespace

std::vector<std::string> role_names() {
  std::vector<std::string> names;
  for (const auto role : {Role::grid, Role::solar, Role::battery, Role::load, Role::other}) names.emplace_back(to_string(role));
  return names;
}

Result<std::vector<ChosenChannel>> choose_channels(const std::vector<storage::ChannelSummary>& all, const config::Config& config,
                                                   const ChannelFilter& filter) {
  if (all.empty()) return refusal("the ledger has no channel yet: no module has closed a period");
  const auto roles = role_names();
  if (!filter.role.empty() && std::find(roles.begin(), roles.end(), filter.role) == roles.end())
    return refusal("there is no role " + config::in_quotes(filter.role) + "; the roles are " + config::all_of(roles));
  std::vector<ChosenChannel> chosen;
  std::vector<std::string> modules;
  std::vector<std::string> channels;
  for (const auto& summary : all) {
    const ChosenChannel channel{summary, role_of(config, summary.module)};
    add_once(modules, summary.module);
    if (filter.module.empty() || summary.module == filter.module)
      add_once(channels, filter.module.empty() ? channel.name() : summary.channel);
    if (passes(channel, filter)) chosen.push_back(channel);
  }
  if (!chosen.empty()) return chosen;
  if (!filter.module.empty() && std::find(modules.begin(), modules.end(), filter.module) == modules.end())
    return unknown("module", filter.module, modules);
  const bool role_is_missing = std::any_of(all.begin(), all.end(), [&](const auto& summary) {
    return passes({summary, metering::Role::other}, {filter.module, filter.channel, {}});
  });
  if (!role_is_missing) {
    const std::string of = filter.module.empty() ? "channel" : "channel of " + config::in_quotes(filter.module) + " called";
    return unknown(of, filter.channel, channels);
  }
  return refusal("none of these channels has the role " + config::in_quotes(filter.role) +
                 "; give its [[module]] that role in the configuration");
}

Result<ChosenChannel> choose_channel(const std::vector<storage::ChannelSummary>& all, const config::Config& config,
                                     const std::string& module, const std::string& channel) {
  auto chosen = choose_channels(all, config, {module, channel, {}});
  if (!chosen) return failure(chosen.error());
  return std::move(chosen->front());
}

}  // namespace rbamp::ctl
