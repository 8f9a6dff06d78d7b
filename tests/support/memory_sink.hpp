// A captured log: what was written, for tests to look at.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "log/logger.hpp"

namespace rbamp::support {

/// Keeps every record. Safe from any thread; the answers are copies.
class MemorySink final : public log::Sink {
 public:
  struct Entry {
    log::Level level = log::Level::info;
    std::string message;
    std::string message_id;
    std::vector<log::Field> fields;
  };

  void write(const log::Record& record) noexcept override;

  [[nodiscard]] std::vector<Entry> entries() const;
  [[nodiscard]] std::size_t count(log::Level level) const;
  [[nodiscard]] std::size_t count_id(std::string_view message_id) const;
  /// True when a message contains these words.
  [[nodiscard]] bool contains(std::string_view words) const;
  void clear();

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace rbamp::support
