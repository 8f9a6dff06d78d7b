#include "mqtt/secret.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <system_error>

namespace rbamp::mqtt {
namespace {

constexpr std::size_t longest_password = 65535;                        // what an MQTT string can hold
constexpr std::size_t largest_certificate = std::size_t{1024} * 1024;  // a bundle of all authorities has a quarter of that

void strip_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

std::string content_of(const std::string& path) {
  std::string content;
  if (path.empty()) return content;
  std::ifstream file{path, std::ios::binary};
  std::array<char, 4096> part{};
  while (content.size() < largest_certificate) {
    file.read(part.data(), static_cast<std::streamsize>(part.size()));
    if (file.gcount() <= 0) break;
    content.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  return content;
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
  if (text.empty() && !is_named) {
    return failure(
        Errc::config_invalid, Remedy::give_up,
        "the systemd credential mqtt-password is empty: is the password file there that LoadCredential= of the unit names?");
  }
  if (text.size() > longest_password) {
    return failure(Errc::config_invalid, Remedy::give_up,
                   "the password file " + path + " holds more than an MQTT password can be");
  }
  return text;
}

std::size_t fingerprint(const ConnectRequest& request) {
  const auto& tls = request.tls;
  std::string all = load_password(request.password_file).value_or(std::string{});
  for (const auto* path : {&tls.ca_file, &tls.cert_file, &tls.key_file}) {
    // With the lengths, so that what moves from one file to the next is a change.
    all += '|' + std::to_string(all.size()) + '|';
    all += content_of(*path);
  }
  return std::hash<std::string>{}(all);
}

}  // namespace rbamp::mqtt
