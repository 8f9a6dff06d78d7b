// How the starts before this one ended: two files in the service's runtime folder. systemd keeps that folder while it starts the
// service again by itself (RuntimeDirectoryPreserve=restart), and removes it when the owner stops the service.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace rbamp::daemon {

/// Best effort: where nothing can be kept, every start is a first one, and gives up as such.
class StartRecord {
 public:
  /// Looks at what is there. Without a folder nothing is kept.
  explicit StartRecord(const std::string& folder);
  /// In folder_of_service().
  [[nodiscard]] static StartRecord of_service();
  /// $RUNTIME_DIRECTORY, which systemd sets; empty elsewhere.
  [[nodiscard]] static std::string folder_of_service();

  /// The start before gave up: to give up again would be told in the journal every few seconds, so this one waits.
  [[nodiscard]] bool is_retry() const { return is_retry_; }
  /// This start gives up.
  void gave_up() const;
  /// Ready, or ended as it was told: the next start is no retry.
  void clear() const;

  /// This start counts until settled(). Returns for how long it should wait: nothing for the first `free_starts` in a row that did not
  /// settle, then 10 s, doubled each time, at most `longest_pause`. A program that crashes at once again neither wears out the card nor
  /// fills the journal; modules keep their averages meanwhile.
  [[nodiscard]] Microseconds begin() const;
  /// Ran for `settling`, or ended as it was told: what comes next is not a crash that repeats.
  void settled() const;
  /// As counted by begin(), this one included.
  [[nodiscard]] unsigned starts() const { return starts_; }

  static constexpr unsigned free_starts = 5;
  static constexpr Microseconds longest_pause = std::chrono::minutes{5};
  static constexpr Microseconds settling = std::chrono::minutes{10};

 private:
  std::string marker_;
  std::string count_file_;
  bool is_retry_ = false;
  unsigned starts_ = 1;
};

}  // namespace rbamp::daemon
