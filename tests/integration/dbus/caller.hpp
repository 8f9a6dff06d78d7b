// Somebody else on the bus, by libsystemd's C interface: calls, listens, owns names. Never waits for the service, which lives on the same
// thread: the test polls it while its loop runs.
#pragma once

#include <systemd/sd-bus.h>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace rbamp::dbus {

struct Call {
  std::string path;
  std::string interface;
  std::string member;
  std::string service = "org.rbampd1";
};

/// Of the Manager.
[[nodiscard]] inline Call command(const std::string& member) { return {"/org/rbampd1", "org.rbampd1.Manager", member}; }

struct Answer {
  bool is_there = false;
  std::string text;  ///< arguments as of text_of(), or "NAME: words" of an error
};

class Caller {
 public:
  explicit Caller(const std::string& address);
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller();

  [[nodiscard]] std::string unique_name() const;
  [[nodiscard]] sd_bus* get() const { return bus_; }
  /// Handles what has arrived.
  void poll();

  /// Waits for the bus daemon. Signals that match are kept in `signals`: "MEMBER of /path: arguments".
  void listen(const std::string& rule);
  void own(const std::string& name);
  void disown(const std::string& name);
  std::vector<std::string> signals;

  /// Sends a call; the answer comes with poll().
  template <class... Args>
  [[nodiscard]] std::shared_ptr<const Answer> begin(const Call& call, const char* types, Args... args) {
    sd_bus_message* message = begin_message(call);
    check(sd_bus_message_append(message, types, args...), "appending");
    return send(message);
  }
  /// A call of bytes and numbers for Transfer, which sd_bus_message_append cannot take.
  [[nodiscard]] std::shared_ptr<const Answer> begin_transfer(std::uint64_t loan, std::uint8_t address,
                                                             const std::vector<std::uint8_t>& write, std::uint32_t read_length);
  /// A signal, to everyone or to one connection only.
  template <class... Args>
  void emit(const Call& from, const std::string& destination, const char* types, Args... args) {
    sd_bus_message* message = nullptr;
    check(sd_bus_message_new_signal(bus_, &message, from.path.c_str(), from.interface.c_str(), from.member.c_str()), "signal");
    if (!destination.empty()) check(sd_bus_message_set_destination(message, destination.c_str()), "destination");
    check(sd_bus_message_append(message, types, args...), "appending");
    check(sd_bus_send(bus_, message, nullptr), "sending");
    sd_bus_message_unref(message);
  }

 private:
  static void check(int outcome, const char* what);
  [[nodiscard]] sd_bus_message* begin_message(const Call& call);
  [[nodiscard]] std::shared_ptr<const Answer> send(sd_bus_message* message);

  sd_bus* bus_ = nullptr;
  std::list<std::shared_ptr<Answer>> answers_;
};

}  // namespace rbamp::dbus
