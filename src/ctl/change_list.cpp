#include "ctl/change_list.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"

namespace rbamp::ctl {

using Json = nlohmann::ordered_json;

void print_changes(const std::vector<commissioning::SettingChange>& changes, Context& context) {
  for (const auto& change : changes)
    context.err() << "  " << change.setting << ": " << change.before << " -> " << change.after << '\n';
}

commissioning::Progress progress_on(Context& context) {
  return [&context](std::string_view step) { context.err() << "  " << step << '\n' << std::flush; };
}

void print_done(const commissioning::ModuleLink& module, const std::vector<commissioning::SettingChange>& changes,
                const std::string& sentence, Context& context) {
  if (!context.wants_json()) {
    context.out() << sentence << '\n';
    return;
  }
  Json answer{{"address", to_string(module.address())},
              {"uid", to_string(module.identity().uid)},
              {"label", module.identity().label},
              {"changes", Json::array()}};
  for (const auto& change : changes)
    answer["changes"].push_back(Json{{"setting", change.setting}, {"before", change.before}, {"after", change.after}});
  context.out() << to_text(answer) << '\n';
}

}  // namespace rbamp::ctl
