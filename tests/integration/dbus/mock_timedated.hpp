// systemd-timedated as far as its property NTPSynchronized goes; answers at once, or when the test lets it.
#pragma once

#include <string>
#include <vector>

#include "caller.hpp"

namespace rbamp::dbus {

class MockTimedated {
 public:
  /// Owns org.freedesktop.timedate1 on that bus.
  explicit MockTimedated(const std::string& address);
  MockTimedated(const MockTimedated&) = delete;
  MockTimedated& operator=(const MockTimedated&) = delete;
  ~MockTimedated();

  void poll() { side_.poll(); }
  /// Answers the oldest question that it holds back.
  void answer(bool yes);
  [[nodiscard]] std::size_t held_back() const { return questions_.size(); }

  bool is_synchronised = false;
  bool holds_back = false;
  int asked = 0;

 private:
  static int handle(sd_bus_message* message, void* self, sd_bus_error* error);

  Caller side_;
  sd_bus_slot* object_ = nullptr;
  std::vector<sd_bus_message*> questions_;
};

}  // namespace rbamp::dbus
