#include "simulator/simulated_bus.hpp"

#include <algorithm>
#include <utility>

#include "simulator/world.hpp"

namespace rbamp::simulator {
SimulatedBus::SimulatedBus(BusSettings settings, World& world, std::uint64_t seed)
    : settings_(std::move(settings)), world_(world), random_(hash_of(settings_.name, seed)) {}

bus::Capabilities SimulatedBus::capabilities() const {
  const bool is_smbus_only = settings_.max_transfer <= 32;
  bus::Capabilities capabilities{.plain_i2c = !is_smbus_only, .general_call = settings_.has_general_call};
  if (is_smbus_only) capabilities.max_read = settings_.max_transfer;  // no driver with plain I2C tells its limit
  return capabilities;
}

void SimulatedBus::keep_log(std::size_t limit) {
  const std::lock_guard lock{world_.mutex_};
  log_limit_ = limit;
  log_.clear();
}

std::vector<LoggedTransaction> SimulatedBus::log() const {
  const std::lock_guard lock{world_.mutex_};
  return {log_.begin(), log_.end()};
}

Traffic SimulatedBus::traffic() const {
  const std::lock_guard lock{world_.mutex_};
  return traffic_;
}

SimTime SimulatedBus::wire_time(std::uint64_t bits) const {
  if (settings_.speed_hz == 0) return SimTime{0};
  return SimTime{static_cast<SimTime::rep>(bits * 1'000'000'000ULL / settings_.speed_hz)};
}

void SimulatedBus::sleep_until(SimTime when) {
  const SimTime left = when - world_.sim_now();
  if (left > SimTime{0}) world_.clock_.sleep_for(std::chrono::ceil<Microseconds>(left));
}

void SimulatedBus::find_listeners(I2cAddress to, SimTime now) {
  listeners_.clear();
  for (const auto& seat : seats_) {
    if (!seat.chip->may_answer(to, now)) continue;
    seat.chip->advance(now);
    if (seat.chip->acknowledges(to)) listeners_.push_back(seat);
  }
}

Result<void> SimulatedBus::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) {
  if (into.size() > settings_.max_transfer) {
    return failure(Errc::bus_unsupported, Remedy::give_up,
                   "the adapter of bus " + settings_.name + " cannot read more than " + std::to_string(settings_.max_transfer) +
                       " bytes at once");
  }
  Transaction transaction;
  transaction.number = ++last_number_;
  transaction.address = module;
  transaction.reg = reg;
  transaction.size = into.size();
  transaction.begin = world_.clock_.boot_now();
  const auto wish = hooks_.before ? hooks_.before(transaction) : Intervention::none;

  SimTime start{};
  Fate fate{};
  std::uint32_t bits = 0;
  SimTime extra{0};
  {
    const std::lock_guard lock{world_.mutex_};
    start = world_.sim_now();
    find_listeners(module, start);
    fate = decide(transaction, wish, start);
    bits = bits_until_failure(fate, transaction);
    if (const auto slow = active(FaultKind::slow_bus, module, start))
      extra = SimTime{static_cast<SimTime::rep>(slow->value.value_or(1.0) * 1e6)};
    if (fate == Fate::good) {
      answers_.resize(std::max(answers_.size(), listeners_.size()));
      for (std::size_t i = 0; i < listeners_.size(); ++i) {
        answers_[i].resize(into.size());
        listeners_[i].chip->begin_read(reg, answers_[i]);
      }
    }
  }
  const SimTime end = start + extra + (fate == Fate::time_out ? SimTime{settings_.timeout} : wire_time(bits));
  if (fate == Fate::good) transfer_bytes(transaction, start + extra, end, into);
  sleep_until(end);

  {
    const std::lock_guard lock{world_.mutex_};
    const SimTime now = world_.sim_now();
    if (fate == Fate::good) {
      std::fill(into.begin(), into.end(), std::uint8_t{0xFF});  // what an undriven bus reads
      for (std::size_t i = 0; i < listeners_.size(); ++i) {
        listeners_[i].chip->advance(now);
        if (!listeners_[i].chip->acknowledges(module)) continue;  // lost its supply in between
        for (std::size_t k = 0; k < into.size(); ++k) into[k] = static_cast<std::uint8_t>(into[k] & answers_[i][k]);  // wired AND
      }
      const auto flips = active(FaultKind::bit_flip, module, now);
      const bool is_hit = flips && random_.happens(flips->value.value_or(1.0));
      if ((is_hit || wish == Intervention::flip_bit) && !into.empty()) {
        into[static_cast<std::size_t>(random_.below(into.size()))] ^= static_cast<std::uint8_t>(1U << random_.below(8));
      } else {
        for (const auto& listener : listeners_) {
          if (listener.chip->acknowledges(module)) listener.chip->end_read(reg, into.size());
        }
      }
    }
    transaction.bytes = into;
  }
  return finish(transaction, fate, bits);
}

void SimulatedBus::transfer_bytes(const Transaction& transaction, SimTime start, SimTime end, std::span<std::uint8_t> into) {
  // Commits and snapshots that fall into the transfer change the bytes that are still to come.
  constexpr std::uint32_t bits_before_data = 29;
  for (;;) {
    SimTime change = never;
    {
      const std::lock_guard lock{world_.mutex_};
      for (const auto& listener : listeners_) change = std::min(change, listener.chip->next_change());
    }
    if (change >= end) return;
    sleep_until(change);
    const std::lock_guard lock{world_.mutex_};
    const SimTime now = world_.sim_now();
    std::size_t from = 0;
    while (from < into.size() && start + wire_time(bits_before_data + 9 * from) < change) ++from;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      listeners_[i].chip->advance(now);
      listeners_[i].chip->continue_read(transaction.reg, from, answers_[i]);
    }
  }
}

Result<void> SimulatedBus::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  if (to == general_call && !settings_.has_general_call) {
    return failure(Errc::bus_unsupported, Remedy::give_up,
                   "the adapter of bus " + settings_.name + " cannot send a general call");
  }
  if (bytes.size() > settings_.max_transfer) {
    return failure(Errc::bus_unsupported, Remedy::give_up,
                   "the adapter of bus " + settings_.name + " cannot write more than " + std::to_string(settings_.max_transfer) +
                       " bytes at once");
  }
  Transaction transaction;
  transaction.number = ++last_number_;
  transaction.direction = Direction::write;
  transaction.address = to;
  transaction.reg = bytes.empty() ? std::uint8_t{0} : bytes.front();
  transaction.size = bytes.size();
  transaction.bytes = bytes;
  transaction.begin = world_.clock_.boot_now();
  const auto wish = hooks_.before ? hooks_.before(transaction) : Intervention::none;

  SimTime end{};
  Fate fate{};
  std::uint32_t bits = 0;
  {
    const std::lock_guard lock{world_.mutex_};
    const SimTime start = world_.sim_now();
    find_listeners(to, start);
    fate = decide(transaction, wish, start);
    bits = bits_until_failure(fate, transaction);
    end = start + (fate == Fate::time_out ? SimTime{settings_.timeout} : wire_time(bits));
    if (const auto slow = active(FaultKind::slow_bus, to, start))
      end += SimTime{static_cast<SimTime::rep>(slow->value.value_or(1.0) * 1e6)};
  }
  sleep_until(end);
  if (!deliver(transaction, fate)) fate = Fate::nack_data;
  return finish(transaction, fate, bits);
}

/// The effect of a write, at its STOP. False: somebody did not acknowledge all of it.
bool SimulatedBus::deliver(const Transaction& transaction, Fate fate) {
  const std::lock_guard lock{world_.mutex_};
  const SimTime now = world_.sim_now();
  if (fate != Fate::good && fate != Fate::lose_ack) return true;
  bool is_acknowledged = false;
  for (const auto& listener : listeners_) {
    listener.chip->advance(now);
    if (!listener.chip->acknowledges(transaction.address)) continue;  // lost its supply in between
    is_acknowledged = listener.chip->write(transaction.address, transaction.bytes) || is_acknowledged;
  }
  return is_acknowledged || fate == Fate::lose_ack;
}

Result<void> SimulatedBus::finish(Transaction& transaction, Fate fate, std::uint32_t bits) {
  const bool is_reported_good = fate == Fate::good || fate == Fate::lose_write;
  std::optional<Error> error;
  if (!is_reported_good) error = error_for(fate, transaction);
  {
    const std::lock_guard lock{world_.mutex_};
    last_stop_ = world_.sim_now();
    const auto count = [&](Traffic& traffic) {
      ++traffic.transactions;
      if (error) ++traffic.failed;
      if (!error) traffic.data_bytes += transaction.size;
      traffic.bits += bits;
    };
    count(traffic_);
    for (const auto& listener : listeners_) {
      count(*listener.traffic);
      if (fate == Fate::nack_data) listener.chip->count_bus_error();
    }
    if (fate == Fate::time_out) {
      for (const auto& seat : seats_) seat.chip->count_bus_recovery();
    }
    transaction.end = world_.clock_.boot_now();
    if (error) {
      transaction.error = static_cast<Errc>(error->code.value());
      if (transaction.direction == Direction::read) transaction.bytes = {};
    }
    if (log_limit_ > 0) {
      if (log_.size() == log_limit_) log_.pop_front();
      log_.push_back({transaction.number,
                      transaction.direction,
                      transaction.address,
                      transaction.reg,
                      {transaction.bytes.begin(), transaction.bytes.end()},
                      transaction.begin,
                      transaction.end,
                      transaction.error});
    }
    for (const auto& listener : listeners_) {
      if (listener.module) world_.settle(*listener.module);
    }
    world_.refresh_lines();
  }
  if (hooks_.after) hooks_.after(transaction);
  if (error) return failure(*error);
  return {};
}

}  // namespace rbamp::simulator
