#include "message_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace rbamp::dbus {
namespace {

void require(int outcome) {
  if (outcome < 0) throw std::runtime_error{"a message cannot be read: error " + std::to_string(-outcome)};
}

template <class T>
T basic(sd_bus_message* message, char type) {
  T value{};
  require(sd_bus_message_read_basic(message, type, &value));
  return value;
}

std::string one_value(sd_bus_message* message);

std::string until_end(sd_bus_message* message) {
  std::string text;
  while (sd_bus_message_at_end(message, 0) == 0) {
    if (!text.empty()) text += ", ";
    text += one_value(message);
  }
  return text;
}

std::string container(sd_bus_message* message, char type, const char* contents, const std::string& open,
                      const std::string& close) {
  require(sd_bus_message_enter_container(message, type, contents));
  auto text = open + until_end(message) + close;
  require(sd_bus_message_exit_container(message));
  return text;
}

std::string entry(sd_bus_message* message, const char* contents) {
  require(sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, contents));
  auto text = one_value(message) + ": ";
  text += one_value(message);
  require(sd_bus_message_exit_container(message));
  return text;
}

std::string one_value(sd_bus_message* message) {
  char type = 0;
  const char* contents = nullptr;
  require(sd_bus_message_peek_type(message, &type, &contents));
  switch (type) {
    case SD_BUS_TYPE_STRING:
    case SD_BUS_TYPE_OBJECT_PATH:
    case SD_BUS_TYPE_SIGNATURE: return "'" + std::string{basic<const char*>(message, type)} + "'";
    case SD_BUS_TYPE_BOOLEAN: return basic<int>(message, type) != 0 ? "true" : "false";
    case SD_BUS_TYPE_BYTE: return std::to_string(basic<std::uint8_t>(message, type));
    case SD_BUS_TYPE_UINT32: return std::to_string(basic<std::uint32_t>(message, type));
    case SD_BUS_TYPE_INT64: return std::to_string(basic<std::int64_t>(message, type));
    case SD_BUS_TYPE_UINT64: return std::to_string(basic<std::uint64_t>(message, type));
    case SD_BUS_TYPE_DOUBLE: {
      std::array<char, 40> text{};
      (void)std::snprintf(text.data(), text.size(), "%.15g", basic<double>(message, type));
      return text.data();
    }
    case SD_BUS_TYPE_VARIANT: return container(message, type, contents, "", "");
    case SD_BUS_TYPE_STRUCT: return container(message, type, contents, "(", ")");
    case SD_BUS_TYPE_DICT_ENTRY: return entry(message, contents);
    case SD_BUS_TYPE_ARRAY:
      return *contents == '{' ? container(message, type, contents, "{", "}") : container(message, type, contents, "[", "]");
    default: throw std::runtime_error{std::string{"a value of the type "} + type + " is not expected here"};
  }
}

}  // namespace

std::string text_of(sd_bus_message* message) { return until_end(message); }

}  // namespace rbamp::dbus
