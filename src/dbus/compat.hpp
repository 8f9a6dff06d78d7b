// sdbus-c++ 1.2 (Debian 12) and 2.x (Debian 13) behind one include; nothing else of this folder sees a version. The interface classes
// need no shim: they are generated at build time by the tool that belongs to the library.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rbamp::dbus {

/// What a{sv} and a{sa{sv}} are in C++.
using Dictionary = std::map<std::string, sdbus::Variant>;
using NamedDictionaries = std::map<std::string, Dictionary>;

namespace compat {

using MessageHandler = std::function<void(sdbus::Message&)>;

#if __has_include(<sdbus-c++/VTableItems.h>)  // 2.x
using ServiceName = sdbus::ServiceName;
using PropertyName = sdbus::PropertyName;
using ErrorName = sdbus::Error::Name;
using CallError = std::optional<sdbus::Error>;  ///< first argument of a handler of an asynchronous answer

inline bool step(sdbus::IConnection& connection) { return connection.processPendingEvent(); }

inline std::optional<std::chrono::microseconds> wait_of(const sdbus::IConnection::PollData& poll) {
  if (poll.timeout == std::chrono::microseconds::max()) return std::nullopt;
  return poll.getRelativeTimeout();
}

/// Lives as long as the connection. Blocks for a round trip.
inline void add_match(sdbus::IConnection& connection, const std::string& rule, MessageHandler handler) {
  connection.addMatch(rule, [handler = std::move(handler)](sdbus::Message message) { handler(message); });
}

inline std::string current_sender(const sdbus::IObject& object) { return object.getCurrentlyProcessedMessage().getSender(); }

#else  // 1.2
using ServiceName = std::string;
using PropertyName = std::string;
using ErrorName = std::string;
using CallError = const sdbus::Error*;

inline bool step(sdbus::IConnection& connection) { return connection.processPendingRequest(); }

inline std::optional<std::chrono::microseconds> wait_of(const sdbus::IConnection::PollData& poll) {
  return poll.getRelativeTimeout();
}

inline void add_match(sdbus::IConnection& connection, const std::string& rule, MessageHandler handler) {
  connection.addMatch(rule, std::move(handler), sdbus::floating_slot);
}

inline std::string current_sender(const sdbus::IObject& object) { return object.getCurrentlyProcessedMessage()->getSender(); }
#endif

inline std::unique_ptr<sdbus::IConnection> open_bus(const std::string& address) {
  return address.empty() ? sdbus::createSystemBusConnection() : sdbus::createSessionBusConnectionWithAddress(address);
}

inline std::unique_ptr<sdbus::IProxy> make_proxy(sdbus::IConnection& connection, const std::string& service,
                                                 const std::string& path) {
  return sdbus::createProxy(connection, ServiceName{service}, sdbus::ObjectPath{path});
}

/// The errors of 1.2 also hold the name in what().
inline sdbus::Error make_error(const std::string& name, const std::string& words) { return sdbus::Error{ErrorName{name}, words}; }

}  // namespace compat
}  // namespace rbamp::dbus
