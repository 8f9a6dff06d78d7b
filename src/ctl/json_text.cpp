#include "ctl/json_text.hpp"

#include <nlohmann/json.hpp>

namespace rbamp::ctl {
namespace {

constexpr auto replace_bad_text = nlohmann::ordered_json::error_handler_t::replace;

}  // namespace

std::string to_text(const nlohmann::ordered_json& answer) { return answer.dump(2, ' ', false, replace_bad_text); }
std::string to_line(const nlohmann::ordered_json& answer) { return answer.dump(-1, ' ', false, replace_bad_text); }

}  // namespace rbamp::ctl
