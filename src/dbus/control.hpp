// The port through which others ask the daemon for something: what org.rbampd1.Manager offers. Implemented by the daemon.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "bus/i2c_bus.hpp"
#include "dbus/status.hpp"
#include "metering/correction.hpp"
#include "units/units.hpp"

namespace rbamp::dbus {

/// Adds to the registers of one channel; a negative amount takes away.
struct AdjustRequest {
  std::string place;  ///< module id
  std::string channel;
  MicroWattHours energy_import;
  MicroWattHours energy_export;
  std::string reason;  ///< stays in the ledger; metering::longest_correction_note bytes at most

  /// The same in the words of metering::correct.
  [[nodiscard]] metering::CorrectionRequest as_correction() const;
};

/// Another chip in the place, a register that takes over the reading of another meter, or both.
struct MeterChangeRequest {
  std::string place;
  std::string channel;                          ///< empty: the only one, or (without register values) every one of the place
  std::optional<ModuleUid> new_chip;            ///< the chip that meters the place from now on
  std::optional<MicroWattHours> energy_import;  ///< what the register becomes; none: it stays
  std::optional<MicroWattHours> energy_export;
  std::string reason;

  /// The same in the words of metering::correct, given the ids of the place's channels.
  /// Error request_invalid: register values, several channels, and none of them named.
  [[nodiscard]] Result<metering::CorrectionRequest> as_correction(std::span<const std::string> channels_of_place) const;
};

struct BookedChannel {
  std::string channel;
  MicroWattHours added_import;
  MicroWattHours added_export;
  MicroWattHours total_import;  ///< the registers after it
  MicroWattHours total_export;
};

/// A correction as it stands in the ledger.
struct Booked {
  UtcTime at{};
  std::vector<BookedChannel> channels;
};

/// The right to talk on a bus that the daemon owns.
struct BusLoan {
  std::uint64_t id = 0;
  std::string description;  ///< "/dev/i2c-1", "simulator"
  bus::Capabilities capabilities;
};

/// One transfer over a borrowed bus. With `read_length` 0: `S A+W write... P`. Otherwise `write` is the one byte of the register:
/// `S A+W reg Sr A+R [read_length] P`. Protocol 3.1.
struct BusTransfer {
  I2cAddress address;
  std::vector<std::uint8_t> write;
  std::size_t read_length = 0;
};
inline constexpr std::size_t longest_transfer = 255;  ///< bytes in either direction

/// Something in Home Assistant that another program announces, one topic per entity.
struct ForeignMeter {
  std::string node;  ///< node id of its topics
  std::string name;  ///< of its device, may be empty
  std::uint32_t entities = 0;
};

/// Takes over entities of another program, with their ids and history.
struct AdoptRequest {
  std::string place;
  std::string node;
  std::map<std::string, std::string>
      pairs;              ///< our entity to their object id, beyond what is clear by itself; empty: leave ours as it is
  bool is_trial = false;  ///< only say what would happen
};
struct AdoptedEntity {
  std::string ours;    ///< key of our component
  std::string theirs;  ///< their object id
  std::string unique_id;
  std::string name;
};
struct Adopted {
  std::vector<AdoptedEntity> taken;
  std::vector<std::string> left;  ///< object ids of the same node that stay as they are
};

template <class T>
using Done = std::function<void(Result<T>)>;

/// All calls come on the loop thread and return at once. Each `done` is called exactly once, on the loop thread, perhaps before the call
/// returns; it may be called after the asking side is gone. Requests were checked for form (ids, amounts, lengths), not for sense: whether
/// there is such a module, whether a register would fall below nothing. Errors carry words that say what to do.
class Control {
 public:
  Control() = default;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  virtual ~Control() = default;

  /// Closes the running period of every module; done when what it yielded is committed.
  virtual void latch_now(Done<void> done) = 0;
  /// Reads the configuration anew. The text says what was applied and what needs a restart. Error: config_invalid, nothing was applied.
  virtual void reload(Done<std::string> done) = 0;
  /// Latches and books, then resets the module.
  virtual void restart_module(const std::string& module_id, Done<void> done) = 0;

  /// Done when the correction is committed. Errors: request_invalid, ledger_*; nothing was booked then.
  virtual void adjust(const AdjustRequest& request, Done<Booked> done) = 0;
  virtual void meter_change(const MeterChangeRequest& request, Done<Booked> done) = 0;

  // What Home Assistant knows, through the daemon's own connection to the broker. Errors: request_invalid, mqtt_unreachable, cancelled.

  /// Removes a module that is not metered any more from Home Assistant and from the broker, within 2 s after `done`.
  virtual void forget_module(const std::string& module_id, Done<void> done) = 0;
  /// Electricity meters of other programs. Takes 1 s.
  virtual void find_foreign_meters(Done<std::vector<ForeignMeter>> done) = 0;
  /// Takes 1 s, and 7 s more until the other program's topics are cleared.
  virtual void adopt(const AdoptRequest& request, Done<Adopted> done) = 0;

  /// Between two periods: from `done` until return_bus the daemon reads nothing from this bus by itself, but latches as usual.
  /// `borrower` is for the log. Errors: request_invalid (no such bus), bus_busy (lent already), bus_missing (not open).
  virtual void borrow_bus(const std::string& name, const std::string& borrower, Done<BusLoan> done) = 0;
  /// Nothing is retried. Errors: those of bus::I2cBus; request_invalid for what a borrower must not do (general call, latch);
  /// cancelled when the daemon took the bus back, which ends the loan: return_bus is not called for it any more.
  virtual void transfer(std::uint64_t loan, const BusTransfer& transfer, Done<std::vector<std::uint8_t>> done) = 0;
  /// May come while a transfer is under way, which then still gets its answer.
  virtual void return_bus(std::uint64_t loan) = 0;

  /// Cheap: asked for each GetStatus and at each Output::daemon_state.
  [[nodiscard]] virtual Status status() const = 0;
};

}  // namespace rbamp::dbus
