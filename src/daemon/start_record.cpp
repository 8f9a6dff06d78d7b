#include "daemon/start_record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/fd.hpp"

namespace rbamp::daemon {

StartRecord::StartRecord(const std::string& folder) {
  if (folder.empty()) return;
  marker_ = folder + "/start-gave-up";
  is_retry_ = ::access(marker_.c_str(), F_OK) == 0;
}

StartRecord StartRecord::of_service() {
  const char* folders = std::getenv("RUNTIME_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
  const std::string all{folders != nullptr ? folders : ""};
  return StartRecord{all.substr(0, all.find(':'))};  // a drop-in may add more
}

void StartRecord::gave_up() const {
  if (!marker_.empty()) const Fd file{::open(marker_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640)};
}

void StartRecord::clear() const {
  if (!marker_.empty()) ::unlink(marker_.c_str());
}

}  // namespace rbamp::daemon
