// Records as readable lines on stderr.
#pragma once

#include <memory>
#include <string>

#include "log/logger.hpp"

namespace rbamp::log {

/// "2026-01-05 10:00:00.123 warning mains does not answer any more  module=mains attempts=5", local time, the level in colour
/// when stderr is a terminal and NO_COLOR is not set.
///
/// Any thread; blocks while stderr does. An error of stderr is ignored: there is no other place to tell it.
class ConsoleSink final : public Sink {
 public:
  ConsoleSink();
  ~ConsoleSink() override;
  void write(const Record& record) noexcept override;

 private:
  struct Output;
  std::unique_ptr<Output> output_;
};

/// The line without time and level: the message, then fields in lower case without "RBAMP_", quoted when they hold blanks or quotes.
/// Control characters are shown as \xNN: names and labels come from outside and must not steer a terminal.
[[nodiscard]] std::string console_text(const Record& record);

}  // namespace rbamp::log
