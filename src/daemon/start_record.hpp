// Whether the start before this one gave up: a marker in the service's runtime folder. systemd keeps that folder while it starts the
// service again by itself (RuntimeDirectoryPreserve=restart), and removes it when the owner stops the service.
#pragma once

#include <string>

namespace rbamp::daemon {

/// Best effort: where no marker can be kept, every start is a first one, and gives up as such.
class StartRecord {
 public:
  /// Looks for the marker. Without a folder nothing is kept.
  explicit StartRecord(const std::string& folder);
  /// In $RUNTIME_DIRECTORY, which systemd sets.
  [[nodiscard]] static StartRecord of_service();

  /// The start before gave up: to give up again would be told in the journal every few seconds, so this one waits.
  [[nodiscard]] bool is_retry() const { return is_retry_; }
  /// This start gives up.
  void gave_up() const;
  /// Ready, or ended as it was told: the next start is a first one.
  void clear() const;

 private:
  std::string marker_;
  bool is_retry_ = false;
};

}  // namespace rbamp::daemon
