#include "certificates.hpp"

#include "process.hpp"

namespace rbamp::support {

CertificateAuthority::CertificateAuthority() {
  // P-256: made in milliseconds.
  run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
       folder_.file("ca.key"), "-out", ca_file(), "-days", "2", "-subj", "/CN=test authority", "-addext",
       "basicConstraints=critical,CA:TRUE"},
      folder_.file("log"));
}

CertificateAuthority::Pair CertificateAuthority::issue(const std::string& name, const std::string& names, bool is_expired) const {
  const Pair pair{folder_.file(name + ".pem"), folder_.file(name + ".key")};
  const std::string request = folder_.file(name + ".csr");
  const std::string extensions = folder_.write(name + ".ext", "subjectAltName=" + names + "\n");
  run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", pair.key_file, "-out",
       request, "-subj", "/CN=" + name},
      folder_.file("log"));
  run({"openssl", "x509", "-req", "-in", request, "-CA", ca_file(), "-CAkey", folder_.file("ca.key"), "-CAcreateserial", "-out",
       pair.cert_file, "-days", is_expired ? "-1" : "2", "-extfile", extensions},
      folder_.file("log"));
  return pair;
}

}  // namespace rbamp::support
