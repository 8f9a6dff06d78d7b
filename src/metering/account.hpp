// What the ledger knows of a metered place and of the chip that meters it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "metering/anchor.hpp"
#include "units/units.hpp"

namespace rbamp::metering {

/// Row ids of the ledger, as types.
enum class PlaceKey : std::int64_t {};   ///< a module id of the configuration: registers belong to places and survive a chip swap
enum class ModuleKey : std::int64_t {};  ///< a chip, by UID: anchors and intents belong to chips
enum class ChannelKey : std::int64_t {};  ///< one channel of a place

/// The two counters of one channel. They never fall. Remainders are the fractions of a micro-watt-hour that rounding left over,
/// in (-1, 1); they are carried into the next posting, so that rounding never accumulates.
struct Registers {
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  double import_remainder = 0.0;
  double export_remainder = 0.0;
  UtcTime since{};  ///< when these counters were created; Home Assistant's last_reset
};

struct ChannelRequest {
  ChannelIndex index;
  std::string id;  ///< [a-z0-9_-]+
};

/// Asks for the account of a place that is metered by this chip; rows are created where missing.
struct AccountRequest {
  std::string place_id;
  ModuleUid uid;
  std::vector<ChannelRequest> channels;
  UtcTime now{};  ///< becomes `since` of new registers
};

struct ChannelAccount {
  ChannelIndex index;
  std::string id;
  ChannelKey key{};
  Registers registers;
};

struct Account {
  PlaceKey place{};
  ModuleKey module{};
  std::string place_id;
  ModuleUid uid;
  std::vector<ChannelAccount> channels;    ///< in the order of the request
  std::optional<Anchor> anchor;            ///< of this chip in this place; none: never metered here, the first latch is a primer
  std::optional<Intent> intent;            ///< of this chip; none: no latch is under way
  std::optional<Instant> covered_until;    ///< end of the last posting of this place, by whatever chip
  std::optional<ModuleUid> previous_chip;  ///< another chip that metered this place last: a meter change
};

}  // namespace rbamp::metering
