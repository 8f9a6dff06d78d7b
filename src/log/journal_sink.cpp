// Our code place would be this file for every record: say nothing rather than that.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "log/journal_sink.hpp"

#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include <cstdio>

namespace rbamp::log {
namespace {

/// syslog(3) numbers.
int priority(Level level) {
  switch (level) {
    case Level::error: return 3;
    case Level::warning: return 4;
    case Level::info: return 6;
    case Level::debug:
    case Level::trace: return 7;
  }
  return 3;
}

std::string entry_field(std::string_view name, std::string_view value) {
  std::string field;
  field.reserve(name.size() + 1 + value.size());
  field += name;
  field += '=';
  field += value;
  return field;
}

}  // namespace

std::vector<std::string> journal_entry(const Record& record) {
  std::vector<std::string> entry;
  entry.reserve(record.fields.size() + 4);
  entry.push_back(entry_field("MESSAGE", record.message));
  entry.push_back(entry_field("PRIORITY", std::to_string(priority(record.level))));
  entry.emplace_back("SYSLOG_IDENTIFIER=rbampd");
  if (!record.message_id.empty()) entry.push_back(entry_field("MESSAGE_ID", record.message_id));
  for (const auto& field : record.fields) entry.push_back(entry_field(field.name, field.value));
  return entry;
}

void JournalSink::write(const Record& record) noexcept {
  auto entry = journal_entry(record);
  std::vector<iovec> parts;
  parts.reserve(entry.size());
  for (auto& field : entry) parts.push_back(iovec{field.data(), field.size()});
  if (sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) < 0) {
    // When this fails as well, there is nobody left to tell.
    static_cast<void>(std::fprintf(stderr, "<%d>%s\n", priority(record.level), record.message.c_str()));
  }
}

}  // namespace rbamp::log
