#include "dbus/clock_inquiry.hpp"

#include <algorithm>
#include <utility>

namespace rbamp::dbus {

void ClockInquiry::connected(sdbus::IConnection& connection) {
  timedated_ = compat::make_proxy(connection, "org.freedesktop.timedate1", "/org/freedesktop/timedate1");
  send();
}

void ClockInquiry::disconnected() {
  timedated_.reset();
  next_.cancel();
  is_pending_ = false;
  is_outdated_ = false;
}

void ClockInquiry::ask() {
  pause_ = pauses_.first;
  if (is_pending_) {
    is_outdated_ = true;
  } else if (timedated_) {
    link_.send([this] { send(); });
  }
}

void ClockInquiry::send() {
  next_.cancel();
  is_pending_ = true;
  timedated_->callMethodAsync("Get")
      .onInterface("org.freedesktop.DBus.Properties")
      .withArguments(std::string{"org.freedesktop.timedate1"}, std::string{"NTPSynchronized"})
      .uponReplyInvoke([this](compat::CallError error, const sdbus::Variant& value) {
        if (error) return answer(failure({Errc::dbus_missing, Remedy::wait, error->getMessage()}));
        if (!value.containsValueOfType<bool>())
          return answer(failure({Errc::dbus_missing, Remedy::wait, "its NTPSynchronized is not a boolean"}));
        answer(value.get<bool>());
      });
}

void ClockInquiry::answer(const Result<bool>& said) {
  is_pending_ = false;
  if (std::exchange(is_outdated_, false)) {
    link_.send([this] { send(); });
    return;
  }
  is_synchronised_ = said && *said;
  if (is_synchronised_) pause_ = pauses_.first;
  next_ = loop_.call_after(is_synchronised_ ? pauses_.when_synchronised : pause_, [this] { link_.send([this] { send(); }); });
  pause_ = std::min(pause_ * 2, pauses_.longest);
  answered_(said);
}

}  // namespace rbamp::dbus
