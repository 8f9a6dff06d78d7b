#include "caller.hpp"

#include <stdexcept>

#include "message_text.hpp"

namespace rbamp::dbus {
namespace {

int take_answer(sd_bus_message* reply, void* into, sd_bus_error* /*error*/) {
  auto& answer = *static_cast<Answer*>(into);
  const auto* error = sd_bus_message_get_error(reply);
  answer.text = error == nullptr ? text_of(reply) : std::string{error->name} + ": " + error->message;
  answer.is_there = true;
  return 0;
}

int take_signal(sd_bus_message* signal, void* into, sd_bus_error* /*error*/) {
  static_cast<std::vector<std::string>*>(into)->push_back(std::string{sd_bus_message_get_member(signal)} + " of " +
                                                          sd_bus_message_get_path(signal) + ": " + text_of(signal));
  return 0;
}

}  // namespace

void Caller::check(int outcome, const char* what) {
  if (outcome < 0) throw std::runtime_error{std::string{what} + " failed: error " + std::to_string(-outcome)};
}

Caller::Caller(const std::string& address) {
  check(sd_bus_new(&bus_), "making a bus");
  check(sd_bus_set_address(bus_, address.c_str()), "setting the address");
  check(sd_bus_set_bus_client(bus_, 1), "being a client");
  check(sd_bus_negotiate_fds(bus_, 1), "asking for descriptors");
  check(sd_bus_start(bus_), "connecting");
  (void)unique_name();  // waits until it is connected
}

Caller::~Caller() { sd_bus_flush_close_unref(bus_); }

std::string Caller::unique_name() const {
  const char* name = nullptr;
  check(sd_bus_get_unique_name(bus_, &name), "asking for the unique name");
  return name;
}

void Caller::poll() {
  while (sd_bus_process(bus_, nullptr) > 0) {
  }
}

void Caller::listen(const std::string& rule) {
  check(sd_bus_add_match(bus_, nullptr, rule.c_str(), take_signal, &signals), "adding a match");
}

void Caller::own(const std::string& name) { check(sd_bus_request_name(bus_, name.c_str(), 0), "requesting a name"); }
void Caller::disown(const std::string& name) { check(sd_bus_release_name(bus_, name.c_str()), "releasing a name"); }

sd_bus_message* Caller::begin_message(const Call& call) {
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_method_call(bus_, &message, call.service.c_str(), call.path.c_str(), call.interface.c_str(),
                                       call.member.c_str()),
        "making a call");
  return message;
}

std::shared_ptr<const Answer> Caller::begin_transfer(std::uint64_t loan, std::uint8_t address,
                                                     const std::vector<std::uint8_t>& write, std::uint32_t read_length) {
  sd_bus_message* message = begin_message(command("Transfer"));
  check(sd_bus_message_append(message, "ty", loan, address), "appending");
  check(sd_bus_message_append_array(message, 'y', write.data(), write.size()), "appending");
  check(sd_bus_message_append(message, "u", read_length), "appending");
  return send(message);
}

std::shared_ptr<const Answer> Caller::send(sd_bus_message* message) {
  answers_.push_back(std::make_shared<Answer>());
  check(sd_bus_call_async(bus_, nullptr, message, take_answer, answers_.back().get(), 0), "calling");
  sd_bus_message_unref(message);
  return answers_.back();
}

}  // namespace rbamp::dbus
