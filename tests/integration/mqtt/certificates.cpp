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
  if (is_expired) {
    // `openssl x509` of 3.5 refuses an end before the beginning, and the one of 3.0 has no option for the beginning.
    folder_.write("index.txt", "");
    const std::string settings =
        folder_.write("ca.cnf", "[ca]\ndefault_ca = here\n[here]\ndatabase = " + folder_.file("index.txt") +
                                    "\nnew_certs_dir = " + folder_.path().string() +
                                    "\ndefault_md = sha256\nrand_serial = yes\npolicy = any\n[any]\ncommonName = supplied\n");
    run({"openssl",
         "ca",
         "-batch",
         "-notext",
         "-rand_serial",
         "-config",
         settings,
         "-in",
         request,
         "-cert",
         ca_file(),
         "-keyfile",
         folder_.file("ca.key"),
         "-out",
         pair.cert_file,
         "-startdate",
         "20200101000000Z",
         "-enddate",
         "20200102000000Z",
         "-extfile",
         extensions},
        folder_.file("log"));
  } else {
    run({"openssl", "x509", "-req", "-in", request, "-CA", ca_file(), "-CAkey", folder_.file("ca.key"), "-CAcreateserial", "-out",
         pair.cert_file, "-days", "2", "-extfile", extensions},
        folder_.file("log"));
  }
  return pair;
}

}  // namespace rbamp::support
