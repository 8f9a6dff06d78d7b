// A ledger that must hold all invariants.
#pragma once

#include <string>

#include "storage/verify.hpp"
#include "support/catch.hpp"

namespace rbamp::support {

inline storage::Verdict expect_sound(const std::string& path) {
  const auto verdict = storage::verify_ledger(path);
  if (!verdict) FAIL(verdict.error().detail);
  if (const auto& violation = verdict->first_violation) FAIL(violation->rule + ": " + violation->where + ": " + violation->what);
  return *verdict;
}

}  // namespace rbamp::support
