// A certificate authority for one test, made on the spot with openssl.
#pragma once

#include <string>

#include "support/temporary_directory.hpp"

namespace rbamp::support {

class CertificateAuthority {
 public:
  struct Pair {
    std::string cert_file;
    std::string key_file;
  };

  CertificateAuthority();
  [[nodiscard]] std::string ca_file() const { return folder_.file("ca.pem"); }
  /// `names` as of subjectAltName: "DNS:localhost,IP:127.0.0.1". Without days: expired yesterday.
  [[nodiscard]] Pair issue(const std::string& name, const std::string& names, bool is_expired = false) const;

 private:
  TemporaryDirectory folder_;
};

}  // namespace rbamp::support
