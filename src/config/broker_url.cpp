#include "config/broker_url.hpp"

#include <algorithm>
#include <charconv>

#include "config/suggestion.hpp"

namespace rbamp::config {
namespace {

constexpr std::uint16_t plain_port = 1883;
constexpr std::uint16_t tls_port = 8883;

tl::unexpected<Error> refuse(std::string words) { return failure(Errc::config_invalid, Remedy::give_up, std::move(words)); }

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_ipv6_character(char c) {
  // '%' begins a zone, as in fe80::1%eth0, and a zone is an interface name.
  return is_host_character(c) || c == ':' || c == '%';
}

std::string scheme_hint(std::string_view text) {
  const auto scheme_end = text.find("://");
  const auto scheme = scheme_end == std::string_view::npos ? std::string_view{} : text.substr(0, scheme_end);
  const auto rest = scheme_end == std::string_view::npos ? text : text.substr(scheme_end + 3);
  const bool wants_tls = scheme == "ssl" || scheme == "tls" || scheme == "https" || scheme == "wss";
  return "write " + in_quotes((wants_tls ? "mqtts://" : "mqtt://") + std::string{rest});
}

}  // namespace

Result<BrokerUrl> parse_broker_url(std::string_view text) {
  if (text.find('@') != std::string_view::npos) {
    return refuse("user and password do not belong into the URL: write them as username and password_file");
  }
  constexpr std::string_view plain = "mqtt://";
  constexpr std::string_view tls = "mqtts://";
  BrokerUrl url;
  if (text.starts_with(plain)) {
    text.remove_prefix(plain.size());
  } else if (text.starts_with(tls)) {
    url.is_tls = true;
    text.remove_prefix(tls.size());
  } else {
    return refuse(in_quotes(text) + " begins neither with mqtt:// nor with mqtts://: " + scheme_hint(text));
  }
  url.port = url.is_tls ? tls_port : plain_port;
  const auto whole = in_quotes(text);
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#") != std::string_view::npos)
    return refuse(whole + " has a path; only a host and a port are wanted");

  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return refuse(whole + " lacks the ] after the IPv6 address");
    url.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!std::all_of(url.host.begin(), url.host.end(), is_ipv6_character))
      return refuse(whole + " holds no IPv6 address between [ and ]");
  } else {
    const auto colon = text.find(':');
    if (colon != text.rfind(':')) return refuse(whole + ": an IPv6 address needs brackets, as in mqtt://[fd00::1]:1883");
    url.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
    if (!std::all_of(url.host.begin(), url.host.end(), is_host_character)) return refuse(whole + " holds no valid host name");
  }
  if (url.host.empty()) return refuse("the host is missing, as in mqtt://localhost:1883");
  if (port.empty()) return url;
  const auto* const end_of_port = port.data() + port.size();
  const auto [end, error] = std::from_chars(port.data() + 1, end_of_port, url.port);
  if (port.front() != ':' || error != std::errc{} || end != end_of_port || url.port == 0) {
    return refuse(whole + ": the port must be a number from 1 to 65535");
  }
  return url;
}

}  // namespace rbamp::config
