// systemd-logind as far as a delay lock goes: gives locks out, says what the host is about to do, sees locks released.
#pragma once

#include <list>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "caller.hpp"

namespace rbamp::dbus {

class MockLogind {
 public:
  /// Owns org.freedesktop.login1 on that bus.
  explicit MockLogind(const std::string& address);
  MockLogind(const MockLogind&) = delete;
  MockLogind& operator=(const MockLogind&) = delete;
  ~MockLogind() { sd_bus_slot_unref(object_); }

  void poll() { side_.poll(); }
  /// "PrepareForSleep" or "PrepareForShutdown".
  void announce(const std::string& what, bool is_about_to);
  /// Locks that are held now.
  [[nodiscard]] std::size_t locks() const;

  std::vector<std::string> requests;  ///< arguments of Inhibit
  bool refuses = false;

 private:
  static int handle(sd_bus_message* message, void* self, sd_bus_error* error);

  Caller side_;
  sd_bus_slot* object_ = nullptr;
  std::list<Fd> watched_;  ///< our ends: the other one is the lock
};

}  // namespace rbamp::dbus
