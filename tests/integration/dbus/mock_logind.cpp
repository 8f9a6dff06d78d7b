#include "mock_logind.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "message_text.hpp"

namespace rbamp::dbus {
namespace {

constexpr const char* manager = "org.freedesktop.login1.Manager";
constexpr const char* path = "/org/freedesktop/login1";

}  // namespace

MockLogind::MockLogind(const std::string& address) : side_(address) {
  if (sd_bus_add_object(side_.get(), &object_, path, handle, this) < 0) throw std::runtime_error{"cannot add the mock's object"};
  side_.own("org.freedesktop.login1");
}

int MockLogind::handle(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
  auto& mock = *static_cast<MockLogind*>(self);
  if (sd_bus_message_is_method_call(message, manager, "Inhibit") <= 0) return 0;
  mock.requests.push_back(text_of(message));
  if (mock.refuses) return sd_bus_reply_method_errorf(message, "org.freedesktop.DBus.Error.AccessDenied", "Permission denied");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
  mock.watched_.emplace_back(ends[0]);
  const Fd lock{ends[1]};  // the message holds a copy
  return sd_bus_reply_method_return(message, "h", lock.get());
}

void MockLogind::announce(const std::string& what, bool is_about_to) {
  side_.emit({path, manager, what}, {}, "b", is_about_to ? 1 : 0);
}

std::size_t MockLogind::locks() const {
  return static_cast<std::size_t>(std::count_if(watched_.begin(), watched_.end(), [](const Fd& end) {
    pollfd state{end.get(), POLLIN, 0};
    return ::poll(&state, 1, 0) == 0;  // the other end is open and silent
  }));
}

}  // namespace rbamp::dbus
