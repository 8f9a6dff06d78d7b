// Somebody who is asked, while a thread is blocked by the disk for minutes, whether it is to go on.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace rbamp::storage {

/// False: enough. Called by one thread after the other, never by two at a time.
using KeepGoing = std::function<bool()>;

inline constexpr std::chrono::milliseconds attended_interval{500};

/// Asks every `interval`, on a thread of its own, for as long as it exists; after each false it calls `stop` on that thread.
class Attendant {
 public:
  Attendant(const KeepGoing& keep_going, std::function<void()> stop, std::chrono::milliseconds interval = attended_interval);
  Attendant(const Attendant&) = delete;
  Attendant& operator=(const Attendant&) = delete;
  ~Attendant();

 private:
  void attend();

  const KeepGoing& keep_going_;
  std::function<void()> stop_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;  // last: it uses all of the others
};

}  // namespace rbamp::storage
