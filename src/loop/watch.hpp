// A descriptor, signal or clock that is watched for somebody.
#pragma once

#include <memory>
#include <utility>

namespace rbamp::loop {

/// Unregisters when destroyed. Move-only. May be destroyed from inside its own callback. Who gave it says for which thread it is.
class Watch {
 public:
  class Source {
   public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;
  };

  Watch() = default;
  explicit Watch(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  void cancel() { source_.reset(); }
  [[nodiscard]] bool is_set() const { return source_ != nullptr; }

 private:
  std::unique_ptr<Source> source_;
};

}  // namespace rbamp::loop
