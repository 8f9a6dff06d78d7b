// A bus daemon of the test's own, that can be stopped, started again and frozen.
#pragma once

#include <memory>
#include <string>

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::dbus {

class PrivateBus {
 public:
  /// Everyone may own any name and call anyone, unless other policies are given, as XML. Connecting, answers and signals are free.
  explicit PrivateBus(std::string policies = {});

  void start();
  void stop() { daemon_.reset(); }
  /// It does not read any more, but holds its sockets; thaw() wakes it up.
  void freeze() const;
  void thaw() const;
  /// The same after a restart.
  [[nodiscard]] std::string address() const { return "unix:path=" + folder_.file("bus"); }

 private:
  support::TemporaryDirectory folder_;
  std::string policies_;
  std::unique_ptr<support::ChildProcess> daemon_;
};

}  // namespace rbamp::dbus
