#include "bus/replay_bus.hpp"

#include <algorithm>

namespace rbamp::bus {
namespace {

bool same_question(const Transaction& a, const Transaction& b) {
  if (a.kind != b.kind || a.address != b.address) return false;
  return a.kind == Transaction::Kind::read ? a.reg == b.reg && a.count == b.count : a.bytes == b.bytes;
}

std::string question_text(const Transaction& transaction) {
  const auto to = " module " + to_string(transaction.address);
  if (transaction.kind == Transaction::Kind::read) {
    return "read of " + std::to_string(transaction.count) + " bytes at " + to_string(I2cAddress{transaction.reg}) + " from" + to;
  }
  std::string text = "write of";
  for (const auto byte : transaction.bytes) text += " " + to_string(I2cAddress{byte});
  return text + " to" + to;
}

}  // namespace

ReplayBus::ReplayBus(Recording recording, Clock& clock)
    : recording_(std::move(recording)), clock_(clock), begin_(clock.boot_now()) {}

const Transaction* ReplayBus::take(const Transaction& asked) {
  if (divergence_) return nullptr;
  if (next_ == recording_.transactions.size()) {
    divergence_ = "after the end of the recording (" + std::to_string(next_) + " transactions): " + question_text(asked);
    return nullptr;
  }
  const auto& recorded = recording_.transactions[next_];
  if (!same_question(recorded, asked)) {
    divergence_ = "transaction " + std::to_string(next_ + 1) + ": recorded was a " + question_text(recorded) +
                  ", asked for is a " + question_text(asked);
    return nullptr;
  }
  ++next_;
  const BootTime end = begin_ + recorded.start + recorded.took;
  if (const BootTime now = clock_.boot_now(); now < end) clock_.sleep_for(end - now);
  return &recorded;
}

Result<void> ReplayBus::read(I2cAddress module, std::uint8_t reg, std::span<std::uint8_t> into) {
  const auto* recorded =
      take({.kind = Transaction::Kind::read, .address = module, .reg = reg, .count = into.size(), .bytes = {}, .error = {}});
  if (recorded == nullptr) return failure(Errc::bus_unsupported, Remedy::give_up, *divergence_);
  if (recorded->error) return failure(*recorded->error);
  std::ranges::copy(recorded->bytes, into.begin());
  return {};
}

Result<void> ReplayBus::write(I2cAddress to, std::span<const std::uint8_t> bytes) {
  const auto* recorded =
      take({.kind = Transaction::Kind::write, .address = to, .bytes = {bytes.begin(), bytes.end()}, .error = {}});
  if (recorded == nullptr) return failure(Errc::bus_unsupported, Remedy::give_up, *divergence_);
  if (recorded->error) return failure(*recorded->error);
  return {};
}

}  // namespace rbamp::bus
