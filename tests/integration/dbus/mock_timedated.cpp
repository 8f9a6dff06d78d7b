#include "mock_timedated.hpp"

#include <stdexcept>

#include "message_text.hpp"

namespace rbamp::dbus {

MockTimedated::MockTimedated(const std::string& address) : side_(address) {
  if (sd_bus_add_object(side_.get(), &object_, "/org/freedesktop/timedate1", handle, this) < 0)
    throw std::runtime_error{"cannot add the mock's object"};
  side_.own("org.freedesktop.timedate1");
}

MockTimedated::~MockTimedated() {
  for (auto* question : questions_) sd_bus_message_unref(question);
  sd_bus_slot_unref(object_);
}

int MockTimedated::handle(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
  auto& mock = *static_cast<MockTimedated*>(self);
  if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", "Get") <= 0) return 0;
  if (text_of(message) != "'org.freedesktop.timedate1', 'NTPSynchronized'")
    return sd_bus_reply_method_errorf(message, "org.freedesktop.DBus.Error.UnknownProperty", "no such property");
  ++mock.asked;
  if (!mock.holds_back) return sd_bus_reply_method_return(message, "v", "b", mock.is_synchronised ? 1 : 0);
  mock.questions_.push_back(sd_bus_message_ref(message));
  return 1;
}

void MockTimedated::answer(bool yes) {
  auto* question = questions_.front();
  questions_.erase(questions_.begin());
  sd_bus_reply_method_return(question, "v", "b", yes ? 1 : 0);
  sd_bus_message_unref(question);
  sd_bus_flush(side_.get());
}

}  // namespace rbamp::dbus
