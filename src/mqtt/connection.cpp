#include "mqtt/connection.hpp"

namespace rbamp::mqtt {

Result<ConnectRequest> connect_request(const config::Mqtt& settings, Message will) {
  auto broker = config::parse_broker_url(settings.broker);
  if (!broker) return failure(std::move(broker).error());
  return ConnectRequest{.broker = std::move(*broker),
                        .version = ProtocolVersion::v5,
                        .client_id = settings.client_id,
                        .username = settings.username,
                        .password_file = settings.password_file,
                        .tls = {settings.ca_file, settings.cert_file, settings.key_file, settings.insecure_skip_tls_verify},
                        .will = std::move(will)};
}

std::string to_string(const config::BrokerUrl& broker) {
  const bool is_ipv6 = broker.host.find(':') != std::string::npos;
  return std::string{broker.is_tls ? "mqtts://" : "mqtt://"} + (is_ipv6 ? "[" + broker.host + "]" : broker.host) + ":" +
         std::to_string(broker.port);
}

}  // namespace rbamp::mqtt
