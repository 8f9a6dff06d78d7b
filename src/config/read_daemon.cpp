// [daemon] and [storage]
#include "config/sections.hpp"
#include "config/text_rules.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;
constexpr Microseconds day = 24h;
constexpr Microseconds century = 100 * 365 * day;

}  // namespace

void read_daemon(TableReader& table, Daemon& daemon) {
  table.duration("period", daemon.period, 1s, 1h);
  table.text("timezone", daemon.timezone, time_zone);
  table.choice("log_level", daemon.log_level,
               {{"trace", LogLevel::trace},
                {"debug", LogLevel::debug},
                {"info", LogLevel::info},
                {"warning", LogLevel::warning},
                {"error", LogLevel::error}});
}

void read_storage(TableReader& table, Storage& storage) {
  table.text("path", storage.path, absolute_path);
  table.duration("raw_retention", storage.raw_retention, day, century);
  table.duration("quarter_hour_retention", storage.quarter_hour_retention, day, century);
}

void check_daemon(Draft& draft) {
  const auto& config = draft.config;
  if (!draft.has("daemon.timezone")) {
    if (const auto words = time_zone(config.daemon.timezone); !words.empty())
      draft.complain_at("daemon.timezone", "daemon.timezone: " + words);
  }
  const bool are_known = !draft.is_wrong("storage.raw_retention") && !draft.is_wrong("storage.quarter_hour_retention");
  if (are_known && config.storage.quarter_hour_retention < config.storage.raw_retention) {
    const bool is_written = draft.has("storage.quarter_hour_retention");
    draft.complain_at(
        is_written ? "storage.quarter_hour_retention" : "storage.raw_retention",
        "storage.quarter_hour_retention must not be shorter than storage.raw_retention: quarter hours are what is left of "
        "postings that are too old");
  }
}

}  // namespace rbamp::config
