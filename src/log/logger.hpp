// One record = one sentence for a person, and fields for machines. Levels: error = someone must act; warning = degraded, healing
// itself; info = life cycle and state changes; debug = each period; trace = each transaction. Log edges, not levels. No secrets.
#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "log/message_id.hpp"

namespace rbamp {
class Clock;
}

namespace rbamp::log {

enum class Level { trace, debug, info, warning, error };
[[nodiscard]] std::string_view to_string(Level level) noexcept;

struct Field {
  std::string_view name;  ///< one of log/fields.hpp
  std::string value;
};

struct Record {
  Level level = Level::info;
  std::string message;
  std::string_view message_id;  ///< 32 hex digits of log/message_ids.hpp, or empty
  std::vector<Field> fields;
};

/// Where records go. Safe from any thread.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;
  virtual void write(const Record& record) noexcept = 0;
};

class FloodGate;

/// Passed by reference to everything that logs; there is no global one. Safe from any thread.
class Logger {
 public:
  Logger(Sink& sink, Level threshold);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  ~Logger();
  /// From here on what repeats all day is told some times a day: log/flood_gate.hpp. Before any other thread uses this logger; `clock`
  /// must outlive it.
  void hold_back_floods(const Clock& clock);

  [[nodiscard]] bool is_enabled(Level level) const { return level >= threshold_.load(std::memory_order_relaxed); }
  void set_threshold(Level level) { threshold_.store(level, std::memory_order_relaxed); }

  void trace(std::string message, std::initializer_list<Field> fields = {}) {
    write(Level::trace, std::move(message), fields, {});
  }
  void debug(std::string message, std::initializer_list<Field> fields = {}) {
    write(Level::debug, std::move(message), fields, {});
  }
  void info(std::string message, std::initializer_list<Field> fields = {}) { write(Level::info, std::move(message), fields, {}); }
  void info(std::string message, std::initializer_list<Field> fields, MessageId id) {
    write(Level::info, std::move(message), fields, id);
  }
  /// Who reads a warning or an error is told by the catalog what it means and what to do: there is none without an id.
  void warning(std::string message, std::initializer_list<Field> fields, MessageId id) {
    write(Level::warning, std::move(message), fields, id);
  }
  void error(std::string message, std::initializer_list<Field> fields, MessageId id) {
    write(Level::error, std::move(message), fields, id);
  }
  /// Where the level is not known before.
  void tell(Level level, std::string message, std::initializer_list<Field> fields, MessageId id) {
    write(level, std::move(message), fields, id);
  }

 private:
  void write(Level level, std::string message, std::initializer_list<Field> fields, std::string_view message_id);

  Sink& sink_;
  std::atomic<Level> threshold_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<FloodGate> gate_;  ///< none: every record is written
};

}  // namespace rbamp::log
