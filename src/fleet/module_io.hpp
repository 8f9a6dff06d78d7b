// What is said to one module on the wire, each as one blocking call on the bus's worker thread. No state, no decisions about
// energy: those are metering's. Protocol 7, 10, 13, 14.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "fleet/bus_station.hpp"
#include "fleet/dialect.hpp"
#include "fleet/snapshot_look.hpp"
#include "metering/evidence.hpp"
#include "metering/reading.hpp"
#include "protocol/identity.hpp"
#include "protocol/live_block.hpp"
#include "protocol/sensor.hpp"
#include "protocol/state.hpp"

namespace rbamp::fleet {

struct Identification {
  protocol::Identity identity;
  Dialect dialect;
  bool listens_to_broadcast = false;  ///< GC_ENABLE is set; proven only by the tick (13.2)
  std::uint8_t group = 0;
  protocol::SensorClass sensor_class = protocol::SensorClass::unset;
  SnapshotRead now;
};

/// Of a place where another chip answers than the one that was met there.
[[nodiscard]] Error another_chip(const ModuleUid& uid, I2cAddress address);

/// Stamps a moment on this host: boot clock, label, and whether the label can be trusted.
[[nodiscard]] metering::Instant instant_now(const Clock& clock, const BootId& boot);

/// Protocol 7, reads only. `export_register`: of the place, taken over where the firmware's tier is bidirectional.
/// Errors: bus_nack (nobody there), not_rbamp (with words for the owner; nothing was written), torn_read, not_ready (booting: try again
/// shortly).
[[nodiscard]] Result<Identification> identify(BusStation& bus, I2cAddress address, const BootId& boot, Effort effort,
                                              std::optional<std::uint8_t> export_register = std::nullopt);

/// A latch write, and when: `at` is right after the write completed or failed.
struct LatchSent {
  metering::Instant at;
  Microseconds duration{};
  std::optional<Error> error;  ///< the write may have landed all the same (14.2)
};
[[nodiscard]] LatchSent send_latch(BusStation& bus, I2cAddress address, const BootId& boot);
[[nodiscard]] LatchSent send_broadcast_latch(BusStation& bus, std::uint8_t group, std::uint16_t tick, const BootId& boot);

/// Clears these EVENT_FLAGS bits (write 1 to clear) and nothing else.
[[nodiscard]] Result<void> acknowledge(BusStation& bus, I2cAddress address, protocol::Events handled);

/// The events that hold the module's DRDY low (EVENT_FLAGS and EVENT_MASK). Thresholds and changed settings are cleared, since nobody
/// else would; the others belong to the latch round and to whoever repairs the module.
[[nodiscard]] Result<protocol::Events> release_drdy(BusStation& bus, I2cAddress address, const Dialect& dialect);

/// REG_ERROR as it is now.
[[nodiscard]] Result<protocol::ErrorCode> read_error(BusStation& bus, I2cAddress address, const Dialect& dialect);

/// What is read beside the live block: they change slowly, so one of them at a time.
enum class Extra : std::uint8_t { none, reactive_power, frequency };

/// One window: the 56-byte block, and what was asked for beside it.
struct LiveRead {
  BootTime at{};                ///< when the transfer of the block began
  protocol::LiveBytes bytes{};  ///< as they came: equal bytes are the same window, or a load that does not change
  protocol::LiveBlock block;
  std::optional<protocol::ReactiveBlock> reactive;
  std::optional<protocol::FrequencyReading> frequency;
};
[[nodiscard]] Result<LiveRead> read_live(BusStation& bus, I2cAddress address, const Dialect& dialect, Extra extra, Effort effort);

/// The UID, read twice. Cheap proof that it is still the same chip.
[[nodiscard]] Result<ModuleUid> read_uid(BusStation& bus, I2cAddress address, const Dialect& dialect);

/// RESET; its own acknowledge may be missing, so an error of the write is no error (protocol 6).
void send_reset(BusStation& bus, I2cAddress address);

}  // namespace rbamp::fleet
