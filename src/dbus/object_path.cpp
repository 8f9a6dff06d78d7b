#include "dbus/object_path.hpp"

namespace rbamp::dbus {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_plain(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return hex_digits.find(c) != std::string_view::npos; }

/// A '_' stays as it is unless it would read as one of our escapes.
bool is_unambiguous(std::string_view from_underscore) {
  return from_underscore.size() < 3 || !is_hex(from_underscore[1]) || !is_hex(from_underscore[2]);
}

}  // namespace

std::string module_path(std::string_view module_id) {
  std::string path = std::string{manager_path} + "/module/";
  for (std::size_t i = 0; i < module_id.size(); ++i) {
    const char c = module_id[i];
    if (is_plain(c) || (c == '_' && is_unambiguous(module_id.substr(i)))) {
      path += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      path += '_';
      path += hex_digits[byte >> 4U];
      path += hex_digits[byte & 0x0FU];
    }
  }
  if (module_id.empty()) path += '_';  // an empty element is not allowed
  return path;
}

}  // namespace rbamp::dbus
