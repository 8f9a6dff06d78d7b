// What `adjust` and `meter-change` have in common: show what would change, ask, book, show what did.
#pragma once

#include "ctl/booking.hpp"

namespace rbamp::ctl {

/// Runs to the exit status. Without `was_confirmed` a person is asked; where nobody can be asked it is refused.
[[nodiscard]] int carry_out(Context& context, const CorrectionOrder& order, bool was_confirmed);

}  // namespace rbamp::ctl
