// The rows that give small numbers to what closings refer to: boots, places, chips, channels, mounts; and their registers.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "storage/books.hpp"
#include "storage/database.hpp"

namespace rbamp::storage {

/// What is needed to make a channel with a past, after damage.
struct OpeningBalance {
  metering::Registers registers;
  MicroWattHours carried_import;  ///< the part that no day of this file contains
  MicroWattHours carried_export;
};

/// Blocks for the disk; throws Failure. The caller opens transactions, and forgets what it was told when one is rolled back.
class Registry {
 public:
  explicit Registry(Connection& connection);

  /// Everything up to book.rolled_up_through; closings after it are the caller's.
  void load(Books& books);

  /// The small number of a host boot; made when missing. 0 for the unknown one.
  [[nodiscard]] std::int64_t boot_number(const BootId& boot);
  /// Keeps the number of the running boot at hand. Only for a boot whose row is committed.
  void pin(const BootId& boot);
  [[nodiscard]] BootId boot_of(std::int64_t number);

  /// `wanted`: the key that the row had in a ledger that is restored; another one is given when that is taken.
  metering::PlaceKey add_place(const std::string& name, std::optional<metering::PlaceKey> wanted = std::nullopt);
  metering::ModuleKey add_module(const ModuleUid& uid, std::optional<metering::ModuleKey> wanted = std::nullopt);
  metering::ChannelKey add_channel(metering::PlaceKey place, const metering::ChannelRequest& channel,
                                   const OpeningBalance& balance, std::optional<metering::ChannelKey> wanted = std::nullopt);
  void set_input(metering::ChannelKey channel, ChannelIndex input);
  void add_mount(const Mount& mount);

  void store_registers(metering::ChannelKey channel, const metering::Registers& registers);
  void store_place(metering::PlaceKey key, const PlaceBook& place);

 private:
  [[nodiscard]] std::optional<std::int64_t> if_free(const std::string& table, std::int64_t wanted);
  void load_mounts(Books& books);
  void check_keys(const Books& books) const;

  Connection& connection_;
  Query find_boot_;
  Query add_boot_;
  Query find_boot_id_;
  Query update_registers_;
  Query update_place_;
  std::pair<BootId, std::int64_t> pinned_boot_;
  std::map<std::int64_t, BootId> known_boots_;  // rows never change, so what was read once stays true
};

}  // namespace rbamp::storage
