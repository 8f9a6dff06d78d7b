// The small texts that the MQTT publisher keeps across restarts, in the ledger's file.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "mqtt/state_store.hpp"
#include "storage/ledger.hpp"

namespace rbamp::daemon {

/// Reads are answered from memory, filled at the first use of a key (blocks for one row, before the loop runs); writes go to the
/// storage worker and are not waited for.
class RememberedTexts final : public mqtt::StateStore {
 public:
  RememberedTexts(storage::Ledger& ledger, loop::Executor& executor, log::Logger& log) : ledger_(ledger), executor_(executor), log_(log) {}

  [[nodiscard]] std::optional<std::string> load(const std::string& key) override;
  void store(const std::string& key, const std::string& text) override;

 private:
  storage::Ledger& ledger_;
  loop::Executor& executor_;
  log::Logger& log_;
  std::map<std::string, std::optional<std::string>> texts_;
};

}  // namespace rbamp::daemon
