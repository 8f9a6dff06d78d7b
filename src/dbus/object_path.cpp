#include "dbus/object_path.hpp"

namespace rbamp::dbus {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string module_path(std::string_view module_id) {
  std::string path = std::string{manager_path} + "/module/";
  bool is_first = true;
  for (const char c : module_id) {
    if (is_letter(c) || (is_digit(c) && !is_first)) {
      path += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      path += '_';
      path += hex_digits[byte >> 4U];
      path += hex_digits[byte & 0x0FU];
    }
    is_first = false;
  }
  if (module_id.empty()) path += '_';  // an empty element is not allowed
  return path;
}

}  // namespace rbamp::dbus
