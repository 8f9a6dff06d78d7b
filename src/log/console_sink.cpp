#include "log/console_sink.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdlib>
#include <string_view>

namespace rbamp::log {
namespace {

constexpr std::string_view field_prefix = "RBAMP_";

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

void append_printable(std::string& line, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      line += "\\x";
      line += hex[byte >> 4U];
      line += hex[byte & 0x0FU];
    } else {
      line += c;
    }
  }
}

void append_field(std::string& line, const Field& field) {
  auto name = field.name;
  if (name.starts_with(field_prefix)) name.remove_prefix(field_prefix.size());
  for (const char c : name) line += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  line += '=';
  if (!field.value.empty() && field.value.find_first_of(" \"") == std::string::npos) {
    append_printable(line, field.value);
    return;
  }
  std::string quoted = "\"";
  for (const char c : field.value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  quoted += '"';
  append_printable(line, quoted);
}

spdlog::color_mode color_mode() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing of ours changes the environment
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && *no_color != '\0' ? spdlog::color_mode::never : spdlog::color_mode::automatic;
}

}  // namespace

std::string console_text(const Record& record) {
  std::string line;
  append_printable(line, record.message);
  std::string_view separator = "  ";
  for (const auto& field : record.fields) {
    line += separator;
    append_field(line, field);
    separator = " ";
  }
  return line;
}

/// An spdlog logger of our own, in no registry. It catches what its sink throws.
struct ConsoleSink::Output {
  spdlog::logger logger{"rbampd", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(color_mode())};
};

ConsoleSink::ConsoleSink() : output_(std::make_unique<Output>()) {
  output_->logger.set_level(spdlog::level::trace);  // the threshold is Logger's
  output_->logger.set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  output_->logger.set_error_handler([](const std::string& /*what*/) {});
}

ConsoleSink::~ConsoleSink() = default;

void ConsoleSink::write(const Record& record) noexcept {
  output_->logger.log(spdlog_level(record.level), std::string_view{console_text(record)});
}

}  // namespace rbamp::log
