// Why a TLS connection does not come about, in words. The client library only says "TCP/TLS connect failure", and its error handler
// cannot be used: Paho C++ (1.2 to 1.4) gives the C library a pointer into an object that is gone when connect() returns.
#pragma once

#include <string>

#include "mqtt/connection.hpp"

namespace rbamp::mqtt {

/// Says which of the files cannot be read, and why; empty when all can. Reads the disk.
[[nodiscard]] std::string unreadable(const TlsSettings& settings);

/// Connects as the client library did, looks at what fails, and disconnects. Blocks up to 5 s; never sends anything but the handshake.
[[nodiscard]] ConnectFailure diagnose_tls(const config::BrokerUrl& broker, const TlsSettings& settings);

}  // namespace rbamp::mqtt
