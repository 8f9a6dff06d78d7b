// What was seen live since the last booked latch, in a file in the service's runtime folder: in memory, so that no card wears out, and kept
// by systemd over a restart of the service (RuntimeDirectoryPreserve=restart), not over one of the host.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "log/logger.hpp"
#include "metering/live_memory.hpp"

namespace rbamp::daemon {

using LiveMemories = std::map<ModuleUid, metering::LiveMemory>;

/// Loop thread. Without a folder it keeps in this process only, which nobody can recall.
class LiveFile final : public metering::LiveKeeper {
 public:
  /// Reads what an earlier process of this host boot left. A file that makes no sense is told once and not used.
  LiveFile(const std::string& folder, BootId boot, log::Logger& log);

  void keep(const std::vector<metering::LiveMemory>& memories) override;
  [[nodiscard]] std::optional<metering::LiveMemory> recall(const ModuleUid& uid) const override;

 private:
  void load();

  std::string path_;  ///< empty: no folder
  BootId boot_;
  log::Logger& log_;
  LiveMemories known_;
  bool is_failure_told_ = false;
};

/// The file's text: one JSON object.
[[nodiscard]] std::string live_text(const LiveMemories& memories, BootId boot);
/// And back; of another host boot nothing is left. Error: implausible, when it is no such text, or tells what no module can have seen.
[[nodiscard]] Result<LiveMemories> parse_live_text(const std::string& text, BootId boot);

}  // namespace rbamp::daemon
