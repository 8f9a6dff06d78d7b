#include "mqtt/secret.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace rbamp::mqtt {
namespace {

constexpr std::size_t longest_password = 65535;  // what an MQTT string can hold

void strip_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

std::string credential_file() {
  // Set by systemd before the program starts; nothing of ours changes the environment.
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe)
  return folder == nullptr ? std::string{} : std::string{folder} + "/mqtt-password";
}

}  // namespace

Result<std::string> load_password(const std::string& password_file) {
  const bool is_named = !password_file.empty();
  const std::string path = is_named ? password_file : credential_file();
  if (path.empty()) return std::string{};

  errno = 0;
  std::ifstream file{path, std::ios::binary};
  if (!file.is_open()) {
    const int reason = errno;
    if (!is_named && reason == ENOENT) return std::string{};  // credentials are there, but none for us
    return failure(Errc::config_invalid, Remedy::give_up,
                   "the password file " + path + " cannot be read (" + std::generic_category().message(reason) +
                       "): it must exist and be readable by the user that rbampd runs as");
  }
  // One byte and a line end more than fits, so that what is too long shows; read() turns a failing read (a folder) into badbit.
  std::string text(longest_password + 3, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad())
    return failure(Errc::config_invalid, Remedy::give_up, "the password file " + path + " cannot be read: is it a file?");
  text.resize(static_cast<std::size_t>(file.gcount()));
  strip_line_end(text);
  if (text.size() > longest_password) {
    return failure(Errc::config_invalid, Remedy::give_up,
                   "the password file " + path + " holds more than an MQTT password can be");
  }
  return text;
}

}  // namespace rbamp::mqtt
