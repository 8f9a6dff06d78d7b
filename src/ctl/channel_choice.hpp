// Which channels of a ledger a command is about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "metering/output.hpp"
#include "storage/reader.hpp"

namespace rbamp::ctl {

struct ChosenChannel {
  storage::ChannelSummary summary;
  metering::Role role = metering::Role::other;  ///< of its module in the configuration; other when it is not configured

  /// "mains/house"
  [[nodiscard]] std::string name() const { return summary.module + "/" + summary.channel; }
};

/// Empty strings choose everything.
struct ChannelFilter {
  std::string module;
  std::string channel;  ///< "house", or "mains/house"
  std::string role;     ///< one of role_names()
};

[[nodiscard]] std::vector<std::string> role_names();

/// The channels of the ledger that pass, in its order, at least one.
/// Error request_invalid: no such module, channel or role, with what there is and what may have been meant.
[[nodiscard]] Result<std::vector<ChosenChannel>> choose_channels(const std::vector<storage::ChannelSummary>& all,
                                                                 const config::Config& config, const ChannelFilter& filter);

/// Exactly one channel. Error request_invalid.
[[nodiscard]] Result<ChosenChannel> choose_channel(const std::vector<storage::ChannelSummary>& all, const config::Config& config,
                                                   const std::string& module, const std::string& channel);

}  // namespace rbamp::ctl
