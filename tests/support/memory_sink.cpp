#include "support/memory_sink.hpp"

#include <algorithm>

namespace rbamp::support {

void MemorySink::write(const log::Record& record) noexcept {
  const std::scoped_lock lock{mutex_};
  entries_.push_back(Entry{record.level, record.message, std::string{record.message_id}, record.fields});
}

std::vector<MemorySink::Entry> MemorySink::entries() const {
  const std::scoped_lock lock{mutex_};
  return entries_;
}

std::size_t MemorySink::count(log::Level level) const {
  const std::scoped_lock lock{mutex_};
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [level](const Entry& entry) { return entry.level == level; }));
}

std::size_t MemorySink::count_id(std::string_view message_id) const {
  const std::scoped_lock lock{mutex_};
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(),
                                                [message_id](const Entry& entry) { return entry.message_id == message_id; }));
}

bool MemorySink::contains(std::string_view words) const {
  const std::scoped_lock lock{mutex_};
  return std::any_of(entries_.begin(), entries_.end(),
                     [words](const Entry& entry) { return entry.message.find(words) != std::string::npos; });
}

void MemorySink::clear() {
  const std::scoped_lock lock{mutex_};
  entries_.clear();
}

}  // namespace rbamp::support
