// Ledger::Impl: what is not a round. The length of the log, and retention.
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "storage/ledger_impl.hpp"

namespace rbamp::storage {
namespace {

constexpr std::uint64_t frame_bytes = page_bytes + 24;
// Copying the log costs two syncs and writes each changed page once: the longer the log, the fewer bytes. 2.2 MB is about
// four hours of 16 modules.
constexpr std::uint32_t log_frames = 4096;
constexpr std::uint32_t retry_frames = 256;
// A round that becomes due meanwhile waits no longer than this.
constexpr std::chrono::milliseconds longest_step{20};

}  // namespace

Upkeep Ledger::Impl::maintain(UtcTime now, bool utc_is_trusted) {
  require_log_space();
  const auto enough = std::chrono::steady_clock::now() + longest_step;
  Upkeep upkeep;
  correct_owed_labels();
  sync_commits(false);  // nothing is lost when a power cut takes a step of upkeep back
  // On a host whose clock was never trusted the newest label is the best there is.
  const auto trusted = trusted_label();
  do {
    upkeep.has_more = retention_.step(now, utc_is_trusted, rolled_up_through_, trusted ? trusted : newest_label_);
    tend_log();
  } while (upkeep.has_more && std::chrono::steady_clock::now() < enough);
  if (!upkeep.has_more && snapshot_day_ != zone_.local_day(now)) store_snapshot(now, SnapshotKind::daily);
  if (corrected_late_ > 0) {
    upkeep.notices.push_back({Notice::Kind::information, "the UTC labels of " + std::to_string(corrected_late_) +
                                                             " periods, which could not be corrected before, are right now"});
    corrected_late_ = 0;
  }
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

}  // namespace rbamp::storage
