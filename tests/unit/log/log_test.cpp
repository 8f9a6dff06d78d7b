#include "log/logger.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/fd.hpp"
#include "log/console_sink.hpp"
#include "log/default_sink.hpp"
#include "log/fields.hpp"
#include "log/journal_sink.hpp"
#include "log/message_ids.hpp"
#include "support/catch.hpp"
#include "support/memory_sink.hpp"

namespace rbamp::log {
namespace {

using support::MemorySink;

/// Catches what is written to descriptor 2 while it lives.
class CapturedStderr {
 public:
  CapturedStderr() {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    reader_ = Fd{ends[0]};
    saved_ = Fd{dup(STDERR_FILENO)};
    REQUIRE(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    close(ends[1]);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  ~CapturedStderr() { restore(); }

  /// Ends the capture. What was written must fit into the pipe (64 kB).
  [[nodiscard]] std::string text() {
    restore();
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
      const auto got = read(reader_.get(), part.data(), part.size());
      if (got <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  void restore() {
    if (!saved_.is_open()) return;
    std::fflush(stderr);
    dup2(saved_.get(), STDERR_FILENO);
    saved_.reset();
  }
  Fd reader_;
  Fd saved_;
};

std::string with_zeros_for_digits(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
  return text;
}

Record module_lost() {
  return Record{Level::warning,
                "mains does not answer any more",
                message_id::module_lost,
                {{field::module, "mains"}, {field::attempts, "5"}, {field::error, "no acknowledge from 0x50"}}};
}

TEST_CASE("records below the threshold are not written, and the threshold may change") {
  MemorySink sink;
  Logger logger{sink, Level::info};
  logger.debug("not yet");
  logger.set_threshold(Level::debug);
  logger.debug("now");
  logger.trace("still not");
  REQUIRE(sink.entries().size() == 1);
  CHECK(sink.entries().front().message == "now");
  CHECK(logger.is_enabled(Level::error));
  CHECK_FALSE(logger.is_enabled(Level::trace));
}

TEST_CASE("level, message, fields and message id arrive as they were given") {
  MemorySink sink;
  Logger logger{sink, Level::info};
  logger.error("the ledger cannot be written", {{field::path, "/var/lib/rbampd/energy.db"}}, message_id::ledger_fault);
  const auto entries = sink.entries();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].level == Level::error);
  CHECK(entries[0].message_id == message_id::ledger_fault);
  REQUIRE(entries[0].fields.size() == 1);
  CHECK(entries[0].fields[0].name == "RBAMP_PATH");
  CHECK(entries[0].fields[0].value == "/var/lib/rbampd/energy.db");
  CHECK(sink.count(Level::error) == 1);
  CHECK(sink.count_id(message_id::ledger_fault) == 1);
  CHECK(sink.contains("cannot be written"));
}

template <class L>
concept WarnsWithoutId = requires(L& log) {
  log.warning(std::string{});
}
|| requires(L& log) { log.warning(std::string{}, {}); };
template <class L>
concept FailsWithoutId = requires(L& log) {
  log.error(std::string{});
}
|| requires(L& log) { log.error(std::string{}, {}); };
template <class L>
concept TakesAnyText = requires(L& log, std::string_view text) {
  log.warning(std::string{}, {}, text);
};
template <class L>
concept TakesEmptyId = requires(L& log) {
  log.warning(std::string{}, {}, {});
}
|| requires(L& log) { log.error(std::string{}, {}, {}); };
template <class L>
concept TakesAnId = requires(L& log, MessageId id) {
  log.warning(std::string{}, {}, id);
  log.error(std::string{}, {}, id);
};

TEST_CASE("a warning or an error without an id does not compile, nor one with an id that is empty or made at run time") {
  STATIC_REQUIRE(TakesAnId<Logger>);
  STATIC_REQUIRE_FALSE(WarnsWithoutId<Logger>);
  STATIC_REQUIRE_FALSE(FailsWithoutId<Logger>);
  STATIC_REQUIRE_FALSE(TakesEmptyId<Logger>);
  STATIC_REQUIRE_FALSE(TakesAnyText<Logger>);
  STATIC_REQUIRE_FALSE(std::is_default_constructible_v<MessageId>);
}

TEST_CASE("threads may log while another changes the threshold") {
  MemorySink sink;
  Logger logger{sink, Level::warning};
  std::thread changing{[&] {
    for (int i = 0; i < 1000; ++i) logger.set_threshold(i % 2 == 0 ? Level::info : Level::warning);
  }};
  std::thread logging{[&] {
    for (int i = 0; i < 1000; ++i) logger.warning("from a thread", {}, message_id::module_lost);
  }};
  changing.join();
  logging.join();
  CHECK(sink.count(Level::warning) == 1000);
}

TEST_CASE("a journal entry carries priority, message id, identifier and fields by name") {
  const std::vector<std::string> expected{
      "MESSAGE=mains does not answer any more",
      "PRIORITY=4",
      "SYSLOG_IDENTIFIER=rbampd",
      "MESSAGE_ID=" + std::string{message_id::module_lost},
      "RBAMP_MODULE=mains",
      "RBAMP_ATTEMPTS=5",
      "RBAMP_ERROR=no acknowledge from 0x50",
  };
  CHECK(journal_entry(module_lost()) == expected);
}

TEST_CASE("levels become syslog priorities") {
  const auto priority_of = [](Level level) { return journal_entry(Record{level, "x", {}, {}}).at(1); };
  CHECK(priority_of(Level::error) == "PRIORITY=3");
  CHECK(priority_of(Level::warning) == "PRIORITY=4");
  CHECK(priority_of(Level::info) == "PRIORITY=6");
  CHECK(priority_of(Level::debug) == "PRIORITY=7");
  CHECK(priority_of(Level::trace) == "PRIORITY=7");
}

TEST_CASE("a record without message id has no such field in the journal") {
  const auto entry = journal_entry(Record{Level::info, "hello", {}, {}});
  CHECK(std::none_of(entry.begin(), entry.end(), [](const std::string& part) { return part.rfind("MESSAGE_ID", 0) == 0; }));
}

TEST_CASE("the console shows fields in short names and quotes what has blanks") {
  CHECK(console_text(module_lost()) ==
        "mains does not answer any more  module=mains attempts=5 error=\"no acknowledge from 0x50\"");
  CHECK(console_text(Record{Level::info, "plain", {}, {}}) == "plain");
  CHECK(console_text(Record{Level::info, "m", {}, {{field::error, R"(say "no")"}}}) == R"(m  error="say \"no\"")");
  CHECK(console_text(Record{Level::info, "m", {}, {{field::error, ""}}}) == "m  error=\"\"");
}

TEST_CASE("control characters from outside cannot steer the terminal or fake a line") {
  const Record record{Level::info, "label \x1b[2J\nerror", {}, {{field::module, "a\tb"}, {field::error, "x y\r"}}};
  CHECK(console_text(record) == "label \\x1b[2J\\x0aerror  module=a\\x09b error=\"x y\\x0d\"");
}

TEST_CASE("words in other scripts are shown as they are") {
  CHECK(console_text(Record{Level::info, "Wärmepumpe läuft", {}, {{field::module, "küche"}}}) ==
        "Wärmepumpe läuft  module=küche");
}

TEST_CASE("the console sink writes one line with time and level to stderr, without colour when it is no terminal") {
  CapturedStderr captured;
  {
    ConsoleSink sink;
    sink.write(module_lost());
    sink.write(Record{Level::info, "100 % {} {0} fine", {}, {}});  // no format string: taken as it is
  }
  const auto text = captured.text();
  INFO(text);
  const auto end = text.find('\n');
  REQUIRE(end != std::string::npos);
  const auto first = with_zeros_for_digits(text.substr(0, end));
  CHECK(first.starts_with("0000-00-00 00:00:00.000 warning mains does not answer any more  module=mains "));
  CHECK(with_zeros_for_digits(text.substr(end + 1)) == "0000-00-00 00:00:00.000 info    000 % {} {0} fine\n");
}

TEST_CASE("only the very file of JOURNAL_STREAM is the journal") {
  struct stat file {};
  file.st_dev = 9;
  file.st_ino = 4711;
  CHECK(is_journal_stream("9:4711", file));
  CHECK_FALSE(is_journal_stream("9:4712", file));
  CHECK_FALSE(is_journal_stream("8:4711", file));
  CHECK_FALSE(is_journal_stream("", file));
  CHECK_FALSE(is_journal_stream("9", file));
  CHECK_FALSE(is_journal_stream("9:", file));
  CHECK_FALSE(is_journal_stream("9:4711x", file));
  CHECK_FALSE(is_journal_stream(" 9:4711", file));
}

TEST_CASE("under systemd the journal is chosen, after a redirection the console") {
  struct stat file {};
  REQUIRE(fstat(STDERR_FILENO, &file) == 0);
  const auto own = std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
  REQUIRE(setenv("JOURNAL_STREAM", own.c_str(), 1) == 0);
  const auto under_systemd = make_sink();
  REQUIRE(setenv("JOURNAL_STREAM", "1:1", 1) == 0);
  const auto redirected = make_sink();
  REQUIRE(unsetenv("JOURNAL_STREAM") == 0);
  const auto on_terminal = make_sink();
  CHECK(dynamic_cast<JournalSink*>(under_systemd.get()) != nullptr);
  CHECK(dynamic_cast<ConsoleSink*>(redirected.get()) != nullptr);
  CHECK(dynamic_cast<ConsoleSink*>(on_terminal.get()) != nullptr);
}

TEST_CASE("every message id is 32 hex digits, and no two are equal") {
  const std::vector<std::string_view> ids{
      message_id::started,           message_id::stopped,           message_id::config_refused,
      message_id::bus_lost,          message_id::bus_back,          message_id::module_lost,
      message_id::module_back,       message_id::module_reset,      message_id::module_refused,
      message_id::gap_posted,        message_id::ledger_fault,      message_id::ledger_back,
      message_id::ledger_restored,   message_id::broker_lost,       message_id::broker_back,
      message_id::clock_changed,     message_id::config_reloaded,   message_id::power_step,
      message_id::mains_abnormal,    message_id::threshold_crossed, message_id::measuring_doubtful,
      message_id::broker_unverified,
  };
  for (const auto id : ids) {
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
  }
  CHECK(std::set<std::string_view>(ids.begin(), ids.end()).size() == ids.size());
}

}  // namespace
}  // namespace rbamp::log
