#include "daemon/start_record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "base/fd.hpp"

namespace rbamp::daemon {
namespace {

constexpr Microseconds first_pause = std::chrono::seconds{10};
constexpr unsigned most_doublings = 10;
constexpr unsigned most_counted = 1000;

}  // namespace

StartRecord::StartRecord(const std::string& folder) {
  if (folder.empty()) return;
  marker_ = folder + "/start-gave-up";
  is_retry_ = ::access(marker_.c_str(), F_OK) == 0;
  count_file_ = folder + "/starts";
  unsigned before = 0;
  std::ifstream{count_file_} >> before;  // 0 when there is none, or no number in it
  starts_ = std::min(before, most_counted) + 1;
}

Microseconds StartRecord::begin() const {
  if (count_file_.empty()) return {};
  std::ofstream{count_file_} << starts_ << '\n';
  if (starts_ <= free_starts) return {};
  const auto doublings = std::min(starts_ - free_starts - 1, most_doublings);
  return std::min<Microseconds>(first_pause * (1 << doublings), longest_pause);
}

void StartRecord::settled() const {
  if (!count_file_.empty()) ::unlink(count_file_.c_str());
}

StartRecord StartRecord::of_service() { return StartRecord{folder_of_service()}; }

std::string StartRecord::folder_of_service() {
  const char* folders = std::getenv("RUNTIME_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
  const std::string all{folders != nullptr ? folders : ""};
  return all.substr(0, all.find(':'));  // a drop-in may add more
}

void StartRecord::gave_up() const {
  if (!marker_.empty()) const Fd file{::open(marker_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640)};
}

void StartRecord::clear() const {
  if (!marker_.empty()) ::unlink(marker_.c_str());
}

}  // namespace rbamp::daemon
