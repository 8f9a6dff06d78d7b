// What becomes of a transfer: good, or one of the ways in which it fails. Protocol 14.1, 17 S7.
#include <algorithm>
#include <cerrno>

#include "bus/i2c_errors.hpp"
#include "simulator/simulated_bus.hpp"

namespace rbamp::simulator {
namespace {

constexpr SimTime recommended_gap = std::chrono::microseconds{100};
constexpr double emi_default = 0.67;

}  // namespace

std::optional<Fault> SimulatedBus::active(FaultKind kind, I2cAddress address, SimTime at) const {
  for (const auto& fault : faults_) {
    if (fault.what.module && *fault.what.module != address) continue;
    if (fault.what.kind == kind && fault.from <= at && at < fault.to) return fault.what;
  }
  return std::nullopt;
}

SimulatedBus::Fate SimulatedBus::decide(const Transaction& transaction, Intervention wish, SimTime now) {
  const bool was_close = last_stop_ && now - *last_stop_ < recommended_gap;
  if (was_close) ++traffic_.short_gaps;
  if (active(FaultKind::bus_stuck, transaction.address, now)) return Fate::time_out;
  if (const auto fault = active(FaultKind::adapter_error, transaction.address, now)) {
    last_errno_ = fault->code != 0 ? fault->code : EIO;
    return Fate::adapter_error;
  }
  const bool is_write = transaction.direction == Direction::write;
  switch (wish) {
    case Intervention::nack_address: return Fate::nack_address;
    case Intervention::nack_data: return Fate::nack_data;
    case Intervention::time_out: return Fate::time_out;
    case Intervention::lose_write: return is_write ? Fate::lose_write : Fate::nack_data;
    case Intervention::lose_ack: return is_write ? Fate::lose_ack : Fate::nack_data;
    case Intervention::flip_bit:
    case Intervention::none: break;
  }
  if (listeners_.empty()) return Fate::nack_address;
  if (was_close && random_.happens(settings_.short_gap_nack)) return Fate::nack_address;
  return decide_by_faults(transaction, now);
}

SimulatedBus::Fate SimulatedBus::decide_by_faults(const Transaction& transaction, SimTime now) {
  const bool is_write = transaction.direction == Direction::write;
  for (const auto& fault : faults_) {
    if (now < fault.from || now >= fault.to) continue;
    if (fault.what.module && *fault.what.module != transaction.address) continue;
    switch (fault.what.kind) {
      case FaultKind::nack_address:
        if (random_.happens(fault.what.value.value_or(1.0))) return Fate::nack_address;
        break;
      case FaultKind::nack_data:
        if (random_.happens(fault.what.value.value_or(1.0))) return Fate::nack_data;
        break;
      case FaultKind::emi_burst:
        if (random_.happens(fault.what.value.value_or(emi_default)))
          return random_.happens(0.5) ? Fate::nack_address : Fate::nack_data;
        break;
      case FaultKind::lost_write:
        if (is_write && random_.happens(fault.what.value.value_or(1.0))) return Fate::lose_write;
        break;
      case FaultKind::lost_ack:
        if (is_write && random_.happens(fault.what.value.value_or(1.0))) return Fate::lose_ack;
        break;
      default: break;
    }
  }
  return Fate::good;
}

std::uint32_t SimulatedBus::bits_until_failure(Fate fate, const Transaction& transaction) const {
  const bool is_read = transaction.direction == Direction::read;
  const auto whole = is_read ? bus::read_bits(transaction.size) : bus::write_bits(transaction.size);
  switch (fate) {
    case Fate::nack_address: return bus::write_bits(0);
    case Fate::nack_data: return std::min(whole, bus::write_bits(1));
    case Fate::time_out:
    case Fate::adapter_error: return 0;
    case Fate::good:
    case Fate::lose_write:
    case Fate::lose_ack: return whole;
  }
  return whole;
}

/// In the words and with the remedies of a real adapter.
Error SimulatedBus::error_for(Fate fate, const Transaction& transaction) const {
  const bool is_read = transaction.direction == Direction::read;
  std::string what = transaction.address == general_call ? "general call" : "module " + to_string(transaction.address);
  what += is_read ? ", read of " : ", write of ";
  what += std::to_string(transaction.size) + " bytes";
  if (is_read) what += " at " + to_string(I2cAddress{transaction.reg});
  int number = EREMOTEIO;
  if (fate == Fate::time_out) number = ETIMEDOUT;
  if (fate == Fate::adapter_error) number = last_errno_;
  return bus::transfer_error(number, "simulated bus " + settings_.name, what);
}

}  // namespace rbamp::simulator
