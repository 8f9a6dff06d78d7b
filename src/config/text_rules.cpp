#include "config/text_rules.hpp"

#include <algorithm>
#include <array>

#include "base/ids.hpp"
#include "base/local_time.hpp"
#include "config/broker_url.hpp"
#include "config/suggestion.hpp"

namespace rbamp::config {
namespace {

constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_topic = 200;
constexpr std::size_t longest_client_id = 128;
constexpr std::size_t label_size = 8;

/// Every word that stands, or will stand, where an id could stand in a topic, an entity or a command line.
constexpr std::array reserved_words{
    std::string_view{"all"},     std::string_view{"balance"}, std::string_view{"cmd"},       std::string_view{"config"},
    std::string_view{"cost"},    std::string_view{"daemon"},  std::string_view{"day_close"}, std::string_view{"demand"},
    std::string_view{"device"},  std::string_view{"energy"},  std::string_view{"event"},     std::string_view{"firmware"},
    std::string_view{"latch"},   std::string_view{"period"},  std::string_view{"restart"},   std::string_view{"set"},
    std::string_view{"state"},   std::string_view{"status"},  std::string_view{"tariff"},    std::string_view{"today"},
    std::string_view{"trigger"},
};

bool is_id_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

}  // namespace

std::string as_id(std::string_view text) {
  std::string id;
  for (const char c : text.substr(0, longest_id)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (is_id_character(lower)) {
      id += lower;
    } else if (!id.empty() && id.back() != '_') {
      id += '_';
    }
  }
  while (!id.empty() && id.back() == '_') id.pop_back();
  return id;
}

std::string any_text(std::string_view /*text*/) { return {}; }

std::string display_name(std::string_view text) {
  if (text.empty()) return "must not be empty: leave the key out to get the default";
  if (text.size() > longest_name) return in_quotes(text) + " is too long: at most " + std::to_string(longest_name) + " bytes";
  return {};
}

std::string plain_id(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (!std::all_of(text.begin(), text.end(), is_id_character)) {
    const auto hint = as_id(text);
    return in_quotes(text) + " may only hold a-z, 0-9, _ and -" +
           (hint.empty() ? std::string{} : "; how about " + in_quotes(hint) + "?");
  }
  if (text.size() > longest_id) return in_quotes(text) + " is too long: at most " + std::to_string(longest_id) + " characters";
  return {};
}

std::string topic_id(std::string_view text) {
  if (auto words = plain_id(text); !words.empty()) return words;
  if (std::find(reserved_words.begin(), reserved_words.end(), text) == reserved_words.end()) return {};
  return in_quotes(text) + " is a word of our MQTT topics and cannot be an id; how about " +
         in_quotes(std::string{text} + "_meter") + "?";
}

std::string absolute_path_or_empty(std::string_view text) {
  if (text.empty() || text.starts_with('/')) return {};
  return in_quotes(text) + " must be an absolute path, beginning with /";
}

std::string absolute_path(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.ends_with('/')) return in_quotes(text) + " is a folder: the name of the file is missing";
  return absolute_path_or_empty(text);
}

std::string topic(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.find_first_of("+#") != std::string_view::npos) return in_quotes(text) + " must not hold the wildcards + and #";
  if (text.starts_with('/') || text.ends_with('/') || text.find("//") != std::string_view::npos) {
    return in_quotes(text) + " must neither begin nor end with / nor hold an empty level";
  }
  if (text.starts_with('$')) return in_quotes(text) + " must not begin with $: such topics belong to the broker";
  if (text.size() > longest_topic) return in_quotes(text) + " is too long: at most " + std::to_string(longest_topic) + " bytes";
  return {};
}

std::string mqtt_client_id(std::string_view text) {
  if (text.empty()) return "must not be empty: the broker tells its clients apart by it";
  if (text.size() > longest_client_id)
    return in_quotes(text) + " is too long: at most " + std::to_string(longest_client_id) + " bytes";
  return {};
}

std::string broker(std::string_view text) {
  const auto url = parse_broker_url(text);
  return url ? std::string{} : url.error().detail;
}

std::string uid_or_empty(std::string_view text) {
  if (text.empty() || ModuleUid::parse(text)) return {};
  return in_quotes(text) + " is no UID: it must be 24 hex digits, as the log shows them when the module is found";
}

std::string module_label(std::string_view text) {
  if (text.size() > label_size)
    return in_quotes(text) + " is too long: a module's label has at most " + std::to_string(label_size) + " characters";
  const bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  return is_ascii ? std::string{} : in_quotes(text) + " holds other characters than ASCII";
}

std::string time_zone(std::string_view text) {
  const auto zone = TimeZone::find(text);
  return zone ? std::string{} : zone.error().detail;
}

}  // namespace rbamp::config
