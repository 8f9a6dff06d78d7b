#include "ctl/consent.hpp"

#include <ostream>

namespace rbamp::ctl {

std::optional<int> missing_consent(Context& context, const std::string& question, bool was_given) {
  if (was_given) return std::nullopt;
  if (!context.terminal().can_ask) return context.refuse("nobody can be asked here; add --yes to do it without a question");
  if (context.terminal().confirms(question)) return std::nullopt;
  context.err() << "rbampctl: nothing was written\n";
  return exit_status::not_well;
}

}  // namespace rbamp::ctl
