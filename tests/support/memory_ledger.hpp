// A ledger in memory that survives the "process" of a test, refuses what contradicts it (I1, I2, I3), and can fail or die on demand.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "metering/ledger.hpp"

namespace rbamp::support {

enum class LedgerStep { before_open, after_open, before_arm, after_arm, before_commit, after_commit };

class MemoryLedger final : public metering::Ledger {
 public:
  /// Called at each step; may throw to stand for the death of the process, or return an error to stand for a disk that refuses.
  std::function<std::optional<Error>(LedgerStep)> hook;

  Result<metering::Account> open_account(const metering::AccountRequest& request) override;
  Result<void> arm(std::span<const metering::ArmedLatch> latches) override;
  Result<void> commit(const metering::RoundCommit& round) override;
  std::uint16_t last_gc_tick() const override { return last_gc_tick_; }
  Result<void> maintain(UtcTime, bool) override { return {}; }

  /// In order of time.
  [[nodiscard]] std::vector<metering::Closing> closings(const std::string& place_id) const;
  [[nodiscard]] metering::Registers registers(const std::string& place_id, const std::string& channel_id) const;
  [[nodiscard]] std::vector<std::string> places() const;

  int commits = 0;
  int resets = 0;
  std::vector<std::string> violations;  ///< of I1, I2, I3: must stay empty

 private:
  struct Channel {
    metering::ChannelKey key{};
    metering::Registers registers;
  };
  struct Place {
    metering::PlaceKey key{};
    std::map<std::string, Channel> channels;
    std::vector<metering::Closing> closings;
    std::optional<metering::Instant> covered_until;
    std::optional<ModuleUid> last_chip;
  };

  std::optional<Error> at(LedgerStep step) { return hook ? hook(step) : std::nullopt; }

  void store(const metering::Closing& closing, const metering::ModuleCommit& module);

  std::map<std::string, Place> places_;
  std::map<ModuleUid, metering::ModuleKey> chips_;
  std::map<metering::ModuleKey, std::pair<metering::PlaceKey, metering::Anchor>> anchors_;
  std::map<metering::ModuleKey, metering::Intent> intents_;
  std::int64_t next_channel_ = 1;
  std::uint16_t last_gc_tick_ = metering::no_gc_tick;
};

}  // namespace rbamp::support
