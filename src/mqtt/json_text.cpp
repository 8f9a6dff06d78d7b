#include "mqtt/json_text.hpp"

#include <nlohmann/json.hpp>

namespace rbamp::mqtt {

nlohmann::json parse_json(const std::string& text) { return nlohmann::json::parse(text, nullptr, false); }
std::string to_line(const nlohmann::json& value) { return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

}  // namespace rbamp::mqtt
