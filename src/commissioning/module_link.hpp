// One rbAmp on the bench: proved to be one, then read, and written with the outcome of each write known.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "fleet/block_read.hpp"
#include "fleet/bus_station.hpp"
#include "fleet/module_io.hpp"
#include "protocol/error_code.hpp"
#include "protocol/identity.hpp"
#include "protocol/register_write.hpp"

namespace rbamp::commissioning {

/// Holds no connection, only who is where: cheap to copy; the station must outlive it. All calls but the accessors block for the
/// bus, a transaction and its retries each. For one thread.
///
/// Errors of all of them: bus_* after the retries of protocol 14.1; torn_read where two reads must agree. Their texts name the module.
class ModuleLink {
 public:
  /// Reads only. Errors: bus_nack (nobody there); not_rbamp, with what is there instead; torn_read; bus_*.
  [[nodiscard]] static Result<ModuleLink> open(fleet::BusStation& bus, I2cAddress address);
  /// A module with firmware before v1.3: nothing in it proves what it is, so somebody must say so and of which variant (protocol 1.4).
  /// Only for reading what it measures, byte by byte; its identity has no UID, label or capabilities. Reads only.
  /// Errors: bus_nack; not_rbamp when its VERSION is none of those, with what it is; torn_read; bus_*.
  [[nodiscard]] static Result<ModuleLink> open_declared(fleet::BusStation& bus, I2cAddress address, protocol::Variant variant);

  [[nodiscard]] fleet::BusStation& bus() const { return *bus_; }
  [[nodiscard]] I2cAddress address() const { return address_; }
  [[nodiscard]] const protocol::Identity& identity() const { return identity_; }
  /// False: it was declared, and its identity is what was declared.
  [[nodiscard]] bool is_identified() const { return identity_.uid != ModuleUid{}; }
  [[nodiscard]] protocol::Variant variant() const { return identity_.variant; }
  [[nodiscard]] const fleet::Dialect& dialect() const { return dialect_; }
  /// "module 0x50 on bus \"main\""
  [[nodiscard]] std::string name() const;

  /// Registers from `from` on, in one burst where the module can.
  template <std::size_t Size>
  [[nodiscard]] Result<std::array<std::uint8_t, Size>> read(protocol::reg::Address from) const {
    return named(fleet::read_block<Size>(*bus_, address_, from, dialect_, fleet::Effort::stubborn));
  }
  /// The same until two reads agree: for registers that are not frozen, and for what is to be believed. Protocol 10.1.
  template <std::size_t Size>
  [[nodiscard]] Result<std::array<std::uint8_t, Size>> read_twice(protocol::reg::Address from,
                                                                  fleet::SameBlock same = fleet::identical) const {
    return named(fleet::read_agreed<Size>(*bus_, address_, from, dialect_, fleet::Effort::stubborn, same));
  }
  [[nodiscard]] Result<protocol::ErrorCode> read_error_code() const;
  [[nodiscard]] Result<std::chrono::seconds> read_uptime() const;

  /// Writes one register, then reads REG_ERROR as the very next transaction (protocol 9.1). Idempotent, so it is retried.
  /// Error: rejected, naming `what`, when the module refused it; the refusal is cleared then, so that nothing is left behind.
  [[nodiscard]] Result<void> write(protocol::RegisterWrite write, std::string_view what) const;
  /// The same for a command that may be repeated without harm, with its settle time: CT binding, CLEAR_ERROR, CAPTURE_RAW.
  [[nodiscard]] Result<void> command(protocol::Command command, std::string_view what) const;
  /// What REG_ERROR says about a write or command that was just sent. Error: rejected.
  [[nodiscard]] Result<void> check_outcome(std::string_view what) const;

  void pause(Microseconds time) const { bus_->clock().sleep_for(time); }

 private:
  ModuleLink(fleet::BusStation& bus, I2cAddress address, protocol::Identity identity, bool bytewise);
  template <class Value>
  [[nodiscard]] Result<Value> named(Result<Value> read) const {
    if (!read) name_module(read.error());
    return read;
  }
  void name_module(Error& error) const;
  void clear_refusal() const;

  fleet::BusStation* bus_;
  I2cAddress address_;
  protocol::Identity identity_;
  fleet::Dialect dialect_;
};

/// "0xFE", as the vendor's documents write it.
[[nodiscard]] std::string number_of(protocol::ErrorCode code);

/// True as soon as somebody answers at the address; asks every 50 ms for `limit`.
[[nodiscard]] bool comes_back(fleet::BusStation& bus, I2cAddress address, Microseconds limit);

/// The error, in words that go on with the state in which it left the module and what to do. Each is a sentence without its dot.
[[nodiscard]] Error half_done(Error error, std::string_view state, std::string_view way_on);

/// An error of a value that a person gave: request_invalid instead of config_invalid, with the same words.
[[nodiscard]] Error as_request(Error error);

}  // namespace rbamp::commissioning
