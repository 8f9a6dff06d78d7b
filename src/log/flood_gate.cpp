#include "log/flood_gate.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "log/fields.hpp"
#include "log/message_ids.hpp"

namespace rbamp::log {
namespace {

// What a person asked for, or waits for.
constexpr std::array untouched{message_id::started, message_id::stopped, message_id::config_refused, message_id::config_reloaded};
constexpr std::array places{field::module, field::channel, field::bus, field::broker};

/// Empty for what is always told.
std::string key_of(const Record& record) {
  if (std::find(untouched.begin(), untouched.end(), record.message_id) != untouched.end()) return {};
  std::string key;
  for (const auto& one : record.fields) {
    if (std::find(places.begin(), places.end(), one.name) != places.end()) key.append(one.value).append("|");
  }
  constexpr std::size_t head = 64;
  if (!key.empty()) return record.message_id.empty() ? key.append(record.message, 0, head) : key.append(record.message_id);
  // One id may stand for several sentences about the whole program: they begin differently.
  constexpr std::size_t program_head = 24;
  return record.message_id.empty() ? std::string{} : std::string{record.message_id}.append(record.message, 0, program_head);
}

}  // namespace

void FloodGate::Budget::refill(BootTime now) {
  if (refilled_ != BootTime{} && now > refilled_) left_ = std::min(limit_, left_ + (now - refilled_));
  refilled_ = now;
}

void FloodGate::pass(Record& record, BootTime now) {
  auto key = key_of(record);
  if (key.empty()) return;
  const std::lock_guard lock{mutex_};
  auto& thing = things_[std::move(key)];
  const bool is_news = thing.last_seen == BootTime{} || now - thing.last_seen >= quiet;
  thing.last_seen = now;
  thing.budget.refill(now);
  total_.refill(now);
  if (thing.budget.is_empty() || (!is_news && total_.is_empty())) {
    ++thing.held_back;
    record.level = Level::debug;
    return;
  }
  thing.budget.take();
  if (!is_news) total_.take();
  if (thing.held_back > 0) {
    record.message += " (" + std::to_string(thing.held_back) + " more like this since the last one shown)";
    thing.held_back = 0;
  }
  if (is_news) thing.is_end_told = false;
  if ((thing.budget.is_empty() || (!is_news && total_.is_empty())) && !std::exchange(thing.is_end_told, true)) {
    record.message += " [the like of it is shown a few times a day from here on; log_level = \"debug\" shows each]";
  }
}

}  // namespace rbamp::log
