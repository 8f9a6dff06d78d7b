#include "log/default_sink.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "log/console_sink.hpp"
#include "log/journal_sink.hpp"

namespace rbamp::log {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_journal_stream(std::string_view journal_stream, const struct stat& file) noexcept {
  const auto colon = journal_stream.find(':');
  if (colon == std::string_view::npos) return false;
  const auto device = parse_number(journal_stream.substr(0, colon));
  const auto inode = parse_number(journal_stream.substr(colon + 1));
  return device && inode && *device == std::uint64_t{file.st_dev} && *inode == std::uint64_t{file.st_ino};
}

std::unique_ptr<Sink> make_sink() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing of ours changes the environment
  const char* journal_stream = std::getenv("JOURNAL_STREAM");
  struct stat file {};
  if (journal_stream != nullptr && fstat(STDERR_FILENO, &file) == 0 && is_journal_stream(journal_stream, file)) {
    return std::make_unique<JournalSink>();
  }
  return std::make_unique<ConsoleSink>();
}

}  // namespace rbamp::log
