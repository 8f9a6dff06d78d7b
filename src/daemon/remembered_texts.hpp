// The small texts that MQTT keeps across restarts, in the ledger's file: what was announced, which thresholds were set.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "daemon/ledger_file.hpp"
#include "daemon/module_settings.hpp"
#include "loop/executor.hpp"
#include "mqtt/discovery_desk.hpp"
#include "mqtt/state_store.hpp"

namespace rbamp::daemon {

/// The constructor reads the file, so it belongs before the first job of the storage worker. Later reads are answered from memory,
/// writes go to the worker and are not waited for.
class RememberedTexts final : public mqtt::StateStore {
 public:
  RememberedTexts(LedgerFile& ledger, loop::Executor& executor) : ledger_(ledger), executor_(executor) {
    for (const auto* key : mqtt::DiscoveryDesk::remembered_keys) texts_.emplace(key, ledger_.text(std::string{"mqtt."} + key));
    texts_.emplace(ModuleSettings::remembered_key, ledger_.text(std::string{"mqtt."} + ModuleSettings::remembered_key));
  }

  [[nodiscard]] std::optional<std::string> load(const std::string& key) override {
    const auto known = texts_.find(key);
    return known == texts_.end() ? std::nullopt : known->second;
  }
  void store(const std::string& key, const std::string& text) override {
    texts_.insert_or_assign(key, text);
    executor_.run([&ledger = ledger_, name = "mqtt." + key, text] { ledger.set_text(name, text); });
  }

 private:
  LedgerFile& ledger_;
  loop::Executor& executor_;
  std::map<std::string, std::optional<std::string>> texts_;
};

}  // namespace rbamp::daemon
