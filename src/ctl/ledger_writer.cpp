#include "ctl/ledger_writer.hpp"

#include <ostream>
#include <utility>

namespace rbamp::ctl {

LedgerWriter::LedgerWriter(Context& context, const config::Config& configuration, storage::Settings settings, TimeZone zone,
                           LedgerOwner owner)
    : context_(context),
      configuration_(configuration),
      settings_(std::move(settings)),
      zone_(std::move(zone)),
      owner_(std::move(owner)) {}

Result<LedgerWriter> LedgerWriter::prepare(Context& context) {
  const auto path = context.existing_ledger();
  if (!path) return failure(path.error());
  const auto zone = context.zone();
  if (!zone) return failure(zone.error());
  const auto configuration = context.config();
  if (!configuration) return failure(configuration.error());
  auto owner = LedgerOwner::of(*path);
  if (!owner) return failure(owner.error());
  storage::Settings settings{(*configuration)->storage};
  settings.path = *path;
  return LedgerWriter{context, **configuration, std::move(settings), *zone, std::move(*owner)};
}

Result<std::unique_ptr<storage::Ledger>> LedgerWriter::open(const metering::Instant& now) {
  auto opened = storage::Ledger::open(settings_, zone_, now);
  if (!opened) return failure(opened.error());
  for (const auto& notice : opened->notices) context_.err() << "rbampctl: " << notice.text << '\n';
  return std::move(opened->ledger);
}

}  // namespace rbamp::ctl
