#include "mqtt/tls_diagnosis.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

namespace rbamp::mqtt {
namespace {

using Kind = ConnectFailure::Kind;

constexpr int longest_seconds = 5;

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

/// The newest reason that OpenSSL has on record for this thread.
std::string newest_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "no reason given" : reason;
}

std::string reason_against(const std::string& path) {
  if (path.empty()) return {};
  errno = 0;
  const std::ifstream file{path};
  if (file.is_open()) return {};
  return "the file " + path + " cannot be read (" + std::generic_category().message(errno) + ")";
}

/// Empty when the files make a usable context.
std::string load(SSL_CTX* context, const TlsSettings& settings) {
  const bool has_ca = settings.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                               : SSL_CTX_load_verify_locations(context, settings.ca_file.c_str(), nullptr) == 1;
  if (!has_ca) return "the CA file " + settings.ca_file + " holds no usable certificate: it must be PEM";
  if (settings.cert_file.empty()) return {};
  const std::string& key_file = settings.key_file.empty() ? settings.cert_file : settings.key_file;
  if (SSL_CTX_use_certificate_chain_file(context, settings.cert_file.c_str()) != 1) {
    return "the file " + settings.cert_file + " holds no usable certificate: it must be PEM";
  }
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return "the file " + key_file +
           " holds no usable private key: it must be PEM, without a passphrase, and belong to the certificate";
  }
  return {};
}

ConnectFailure failure_of_handshake(const SSL* tls, const config::BrokerUrl& broker, const TlsSettings& settings) {
  // OpenSSL has a verdict also where nobody wants to know it.
  const long verdict = settings.skips_verification ? X509_V_OK : SSL_get_verify_result(tls);
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return {Kind::tls, "its certificate is for another host than " + broker.host};
  }
  if (verdict != X509_V_OK) {
    return {Kind::tls, std::string{"its certificate is not accepted: "} + X509_verify_cert_error_string(verdict) +
                           " (mqtt.ca_file names the authority that signed it)"};
  }
  return {Kind::tls, "the TLS handshake fails: " + newest_reason()};
}

}  // namespace

std::string unreadable(const TlsSettings& settings) {
  for (const auto* path : {&settings.ca_file, &settings.cert_file, &settings.key_file}) {
    if (auto words = reason_against(*path); !words.empty()) return words;
  }
  return {};
}

ConnectFailure diagnose_tls(const config::BrokerUrl& broker, const TlsSettings& settings) {
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, Free> context{SSL_CTX_new(TLS_client_method())};
  if (!context) return {Kind::tls, "the TLS library cannot be used: " + newest_reason()};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), settings.skips_verification ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (auto words = load(context.get(), settings); !words.empty()) return {Kind::settings, std::move(words)};

  const std::unique_ptr<BIO, Free> bio{BIO_new_ssl_connect(context.get())};
  if (!bio) return {Kind::tls, "the TLS library cannot be used: " + newest_reason()};
  SSL* tls = nullptr;
  BIO_get_ssl(bio.get(), &tls);
  BIO_set_conn_hostname(bio.get(), broker.host.c_str());
  BIO_set_conn_port(bio.get(), std::to_string(broker.port).c_str());
  // A host that is an address is compared with the certificate's addresses, any other with its names.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), broker.host.c_str()) != 1) {
    ERR_clear_error();
    std::string name = broker.host;
    SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             name.data());  // copies; its macro has an old-style cast
    SSL_set1_host(tls, broker.host.c_str());
  }
  BIO_set_nbio(bio.get(), 1);
  if (BIO_do_connect_retry(bio.get(), longest_seconds, -1) == 1) {
    // The other side looks at our certificate after our part of a TLS 1.3 handshake is over.
    return {Kind::tls, settings.cert_file.empty()
                           ? "it ends the TLS connection: perhaps it wants a client certificate (mqtt.cert_file)"
                           : "it ends the TLS connection: perhaps it does not accept our certificate " + settings.cert_file};
  }
  if (SSL_in_before(tls) == 1) {
    return {Kind::unreachable,
            "the connection is refused or the host is not found: is the broker running, are host and port right?"};
  }
  return failure_of_handshake(tls, broker, settings);
}

}  // namespace rbamp::mqtt
