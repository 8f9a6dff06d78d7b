// Ledger::Impl: what is not a round. The length of the log, retention, the daily snapshot.
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "storage/ledger_impl.hpp"

namespace rbamp::storage {
namespace {

constexpr std::uint64_t frame_bytes = page_bytes + 24;
// Copying the log costs two syncs and writes each changed page once: the longer the log, the fewer bytes. 1.1 MB is about
// three hours of 16 modules.
constexpr std::uint32_t log_frames = 2048;
constexpr std::uint32_t retry_frames = 256;
// A round that becomes due meanwhile waits no longer than this.
constexpr std::chrono::milliseconds longest_step{20};

}  // namespace

Upkeep Ledger::Impl::maintain(UtcTime now, bool utc_is_trusted) {
  sync_commits(false);  // nothing is lost when a power cut takes a step of upkeep back
  const auto enough = std::chrono::steady_clock::now() + longest_step;
  Upkeep upkeep;
  do {
    upkeep.has_more = retention_.step(now, utc_is_trusted, rolled_up_through_, newest_label_);
    tend_log();
  } while (upkeep.has_more && std::chrono::steady_clock::now() < enough);
  if (!upkeep.has_more && snapshot_day_ != zone_.local_day(now)) store_snapshot(now);
  return upkeep;
}

Health Ledger::Impl::health() const {
  Health health;
  std::error_code code;
  const auto bytes = [&code](const std::string& path) {
    const auto size = std::filesystem::file_size(path, code);
    return code ? std::uint64_t{0} : std::uint64_t{size};
  };
  health.file_bytes = bytes(settings_.path);
  health.log_bytes = bytes(settings_.path + "-wal");
  health.log_is_blocked = blocked_frames_ != 0;
  health.newest_round = newest_label_;
  return health;
}

void Ledger::Impl::require_log_space() {
  if (std::uint64_t{connection_->wal_frames()} * frame_bytes < settings_.log_limit_bytes) return;
  if (connection_->checkpoint()) {
    blocked_frames_ = 0;
    return;
  }
  throw Failure{Error{Errc::ledger_full, Remedy::wait,
                      "the ledger " + settings_.path +
                          ": another program has been reading it in one transaction for so long that its log reached " +
                          std::to_string(settings_.log_limit_bytes >> 20U) + " MiB; end that program (fuser -v " +
                          settings_.path + " names it)"}};
}

void Ledger::Impl::tend_log() {
  const std::uint32_t frames = connection_->wal_frames();
  // Shorter than when a reader was met: somebody copied the log, and it began anew.
  if (frames + retry_frames < blocked_frames_) blocked_frames_ = 0;
  if (frames < std::max(log_frames, blocked_frames_)) return;
  try {
    blocked_frames_ = connection_->checkpoint() ? 0 : frames + retry_frames;
  } catch (const Failure&) {
    // The round is durable in the log. A full or failing disk shows itself at the next commit, which reports it.
    blocked_frames_ = frames + retry_frames;
  }
}

void Ledger::Impl::catch_up_with(const Snapshot& snapshot, const metering::Instant& now, std::vector<Notice>& notices) {
  if (snapshot.ledger != id_) return;  // of another ledger that stood at this path
  // The file has every round that the snapshot knew: a register that is lower now was corrected by a person.
  if (books_.next_round > snapshot.last_round) return;
  metering::RoundCommit round;
  std::string raised;
  for (const auto& place : snapshot.places) {
    const auto known = std::find_if(books_.places.begin(), books_.places.end(),
                                    [&](const auto& entry) { return entry.second.name == place.name; });
    if (known == books_.places.end() || !known->second.last_module) continue;
    metering::Closing closing;
    closing.place = known->first;
    closing.module = *known->second.last_module;
    closing.span = {now, now, Microseconds::zero()};
    closing.quality = metering::Quality::adjustment;
    closing.reason = metering::Reason::correction;
    closing.note = "raised to the daily snapshot of " + to_rfc3339(snapshot.written) + ": the ledger file was older than it";
    for (const auto& channel : place.channels) {
      for (const auto& [key, book] : books_.channels) {
        if (book.place != closing.place || book.name != channel.name) continue;
        const auto& have = book.registers;
        const auto target_import = std::max(have.energy_import, channel.registers.energy_import);
        const auto target_export = std::max(have.energy_export, channel.registers.energy_export);
        if (target_import == have.energy_import && target_export == have.energy_export) continue;
        closing.postings.push_back({key, target_import - have.energy_import, target_export - have.energy_export, target_import,
                                    target_export, have.import_remainder, have.export_remainder, false});
        raised += (raised.empty() ? "" : ", ") + place.name + "/" + channel.name;
      }
    }
    if (!closing.postings.empty()) round.modules.push_back({closing.place, closing.module, {std::move(closing)}, {}, {}, {}});
  }
  if (round.modules.empty()) return;
  const auto staged = books_.stage(round);
  if (!staged) throw Failure{staged.error()};
  commit({}, *staged);  // only the lines: the chips' anchors and intents stay as they are
  notices.push_back(
      {Notice::Kind::warning, "the ledger is older than its daily snapshot (was a backup put in place?): the registers of " +
                                  raised + " were raised to the snapshot by an adjustment, so that no counter falls"});
}

void Ledger::Impl::store_snapshot(UtcTime now) {
  Snapshot snapshot;
  snapshot.ledger = id_;
  snapshot.written = now;
  snapshot.gc_tick = gc_tick_;
  snapshot.last_round = books_.next_round - 1;
  for (const auto& [place_key, place] : books_.places) {
    SnapshotPlace entry{place.name, place.covered_until, std::nullopt, {}};
    if (place.last_module) entry.last_chip = books_.modules.at(*place.last_module);
    for (const auto& [key, channel] : books_.channels) {
      if (channel.place == place_key) entry.channels.push_back({channel.name, channel.input, channel.registers});
    }
    snapshot.places.push_back(std::move(entry));
  }
  if (auto stored = storage::store_snapshot(snapshot_path(settings_.path), snapshot); !stored) throw Failure{stored.error()};
  snapshot_day_ = zone_.local_day(now);
}

}  // namespace rbamp::storage
