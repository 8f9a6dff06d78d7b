// The ledger, opened by rbampctl to book something itself.
#pragma once

#include <memory>
#include <string>

#include "ctl/context.hpp"
#include "ctl/ledger_owner.hpp"
#include "storage/ledger.hpp"

namespace rbamp::ctl {

/// Whose ledger it is and how it is kept. While this lives the process has the ledger's owner (LedgerOwner). For one thread.
class LedgerWriter {
 public:
  /// Opens nothing yet. Errors: those of Context::existing_ledger, zone and config; ledger_readonly.
  [[nodiscard]] static Result<LedgerWriter> prepare(Context& context);

  /// With the writer's lock; notices go to `err`. Blocks for the disk. Errors: ledger_busy when rbampd has it; ledger_*.
  [[nodiscard]] Result<std::unique_ptr<storage::Ledger>> open(const metering::Instant& now);

  [[nodiscard]] const std::string& path() const { return settings_.path; }
  [[nodiscard]] const config::Config& configuration() const { return configuration_; }

 private:
  LedgerWriter(Context& context, const config::Config& configuration, storage::Settings settings, TimeZone zone,
               LedgerOwner owner);

  Context& context_;
  const config::Config& configuration_;
  storage::Settings settings_;
  TimeZone zone_;
  LedgerOwner owner_;
};

}  // namespace rbamp::ctl
