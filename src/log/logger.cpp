#include "log/logger.hpp"

#include <utility>

#include "base/clock.hpp"
#include "log/flood_gate.hpp"

namespace rbamp::log {

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::trace: return "trace";
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "unknown";
}

Logger::Logger(Sink& sink, Level threshold) : sink_(sink), threshold_(threshold) {}
Logger::~Logger() = default;

void Logger::hold_back_floods(const Clock& clock) {
  clock_ = &clock;
  gate_ = std::make_unique<FloodGate>();
}

void Logger::write(Level level, std::string message, std::initializer_list<Field> fields, std::string_view message_id) {
  if (!is_enabled(level)) return;
  Record record{level, std::move(message), message_id, fields};
  if (gate_ && level >= Level::info) {
    gate_->pass(record, clock_->boot_now());
    if (!is_enabled(record.level)) return;
  }
  sink_.write(record);
}

}  // namespace rbamp::log
