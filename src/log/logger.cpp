#include "log/logger.hpp"

#include <utility>

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

void Logger::write(Level level, std::string message, std::initializer_list<Field> fields, std::string_view message_id) {
  if (!is_enabled(level)) return;
  sink_.write(Record{level, std::move(message), message_id, fields});
}

}  // namespace rbamp::log
