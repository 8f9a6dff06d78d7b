#include "storage/attended_query.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace rbamp::storage {
namespace {

/// Asks, on a thread of its own, for as long as it exists.
class Attendant {
 public:
  Attendant(Connection& connection, const KeepGoing& keep_going, std::chrono::milliseconds interval)
      : connection_(connection), keep_going_(keep_going), interval_(interval), thread_([this] { attend(); }) {}
  Attendant(const Attendant&) = delete;
  Attendant& operator=(const Attendant&) = delete;
  ~Attendant() {
    {
      const std::lock_guard lock{mutex_};
      is_over_ = true;
    }
    over_.notify_one();
    thread_.join();
  }

 private:
  void attend() {
    std::unique_lock lock{mutex_};
    while (!over_.wait_for(lock, interval_, [this] { return is_over_; })) {
      // Again each time: an interruption that comes before the query has begun is forgotten.
      if (!keep_going_()) connection_.interrupt();
    }
  }

  Connection& connection_;
  const KeepGoing& keep_going_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;  // last: it uses all of the others
};

}  // namespace

std::string attended_text(Connection& connection, const std::string& sql, const KeepGoing& keep_going,
                          std::chrono::milliseconds interval) {
  if (!keep_going) return connection.text(sql);
  if (!keep_going())
    throw Failure{Error{Errc::cancelled, Remedy::give_up, "the ledger " + connection.path() + ": told to stop looking at it"}};
  const Attendant attendant{connection, keep_going, interval};
  return connection.text(sql);
}

}  // namespace rbamp::storage
