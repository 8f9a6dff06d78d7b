// A person's word before anything is written to a module.
#pragma once

#include <optional>
#include <string>

#include "ctl/context.hpp"

namespace rbamp::ctl {

/// nullopt: go on, because `was_given` or the person said yes. Else the exit status: nobody can be asked (64), or the person said no (1).
[[nodiscard]] std::optional<int> missing_consent(Context& context, const std::string& question, bool was_given);

}  // namespace rbamp::ctl
