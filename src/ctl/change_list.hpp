// What would change, and what did: for the commands that set something.
#pragma once

#include <string>
#include <vector>

#include "commissioning/setup.hpp"
#include "ctl/context.hpp"

namespace rbamp::ctl {

/// "  label: none -> \"boiler\"", one line each, on `err`.
void print_changes(const std::vector<commissioning::SettingChange>& changes, Context& context);

/// Steps of a procedure as they are done, on `err`.
[[nodiscard]] commissioning::Progress progress_on(Context& context);

/// {address, uid, label, changes: [{setting, before, after}]}, or a sentence. `module` is as it was left.
void print_done(const commissioning::ModuleLink& module, const std::vector<commissioning::SettingChange>& changes,
                const std::string& sentence, Context& context);

}  // namespace rbamp::ctl
