// Opens one bus, and opens it again with back-off when it cannot be opened or goes away. Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fleet/bus_context.hpp"

namespace rbamp::fleet {

class BusOpener {
 public:
  struct Events {
    std::function<void(const bus::Capabilities&)> opened;
    std::function<void()> failed;  ///< could not be opened; it is tried again
  };

  BusOpener(std::string name, BusContext context, Events events);

  void open();
  /// The adapter is gone (bus_missing, bus_permission): it is logged and opened again. Nothing happens to a bus that is not open.
  void lost(const Error& error);
  void stop();

  [[nodiscard]] bool is_open() const { return is_open_; }
  /// Why it is not open; none: it is, or was not tried yet.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] unsigned attempts() const { return attempts_; }

 private:
  void opened(const Result<bus::Capabilities>& result);

  std::string name_;
  BusContext context_;
  Events events_;
  bool is_open_ = false;
  bool was_lost_ = false;
  bool is_stopped_ = false;
  unsigned attempts_ = 0;
  std::optional<Error> error_;
  Microseconds pause_;
  BootTime opened_at_{};
  loop::Timer timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::fleet
