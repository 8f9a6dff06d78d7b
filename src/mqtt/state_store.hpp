// Where the publisher keeps the little that it must remember across restarts. The daemon implements it on the ledger.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace rbamp::mqtt {

/// Small texts by key. Called on the loop thread, must return at once: `load` answers from what was read at start, `store` hands the
/// text to whoever writes. Losing the newest text is harmless, so nobody waits for the disk. No errors: the store logs its own.
class StateStore {
 public:
  StateStore() = default;
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  virtual ~StateStore() = default;

  [[nodiscard]] virtual std::optional<std::string> load(const std::string& key) = 0;
  virtual void store(const std::string& key, const std::string& text) = 0;
};

/// For a daemon without a ledger: what was retired is then forgotten with the process, and read back from the broker where possible.
class MemoryStateStore final : public StateStore {
 public:
  [[nodiscard]] std::optional<std::string> load(const std::string& key) override {
    const auto found = texts_.find(key);
    return found == texts_.end() ? std::nullopt : std::optional{found->second};
  }
  void store(const std::string& key, const std::string& text) override { texts_.insert_or_assign(key, text); }

 private:
  std::map<std::string, std::string> texts_;
};

}  // namespace rbamp::mqtt
