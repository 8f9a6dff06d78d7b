// What a process saw live, kept where its death does not reach.
#pragma once

#include <map>

#include "metering/live_memory.hpp"

namespace rbamp::support {

class MemoryLiveKeeper final : public metering::LiveKeeper {
 public:
  void keep(const std::vector<metering::LiveMemory>& memories) override {
    for (const auto& memory : memories) kept_[memory.uid] = memory;
  }
  [[nodiscard]] std::optional<metering::LiveMemory> recall(const ModuleUid& uid) const override {
    const auto found = kept_.find(uid);
    return found == kept_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::map<ModuleUid, metering::LiveMemory> kept_;
};

}  // namespace rbamp::support
