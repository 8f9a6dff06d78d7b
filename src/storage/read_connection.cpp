#include "storage/read_connection.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

namespace rbamp::storage {
namespace {

/// "file:/media/usb%23/energy.db?immutable=1"
std::string immutable_uri(const std::string& path) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', digits[byte >> 4U], digits[byte & 0x0FU]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

bool has_log(const std::string& path) {
  std::error_code code;
  const auto size = std::filesystem::file_size(path + "-wal", code);
  return !code && size > 0;
}

Error closed_beside(const std::string& path, const std::string& beside) {
  return {Errc::ledger_readonly, Remedy::give_up,
          "you may read the ledger " + path + ", but not " + beside +
              ", which was made before the ledger had this mode; restart rbampd, or run this as root"};
}

}  // namespace

std::unique_ptr<Connection> open_to_read(const std::string& path) {
  try {
    auto connection = std::make_unique<Connection>(path, Connection::Access::read_only);
    (void)connection->integer("PRAGMA schema_version");  // only the first question really opens the file
    return connection;
  } catch (const Failure& reason) {
    const bool may_be_the_folder = reason.error().is(Errc::ledger_readonly) || reason.error().is(Errc::ledger_io);
    if (!may_be_the_folder) throw;
    if (::access(path.c_str(), R_OK) != 0) {
      if (errno == ENOENT) {
        throw Failure{Error{Errc::ledger_io, Remedy::give_up, "there is no ledger " + path + "; rbampd makes it when it starts"}};
      }
      throw Failure{Error{Errc::ledger_readonly, Remedy::give_up,
                          "you may not read the ledger " + path + "; run this as root or as a member of the group rbampd"}};
    }
    for (const char* suffix : {"-wal", "-shm"}) {
      const std::string beside = path + suffix;
      if (::access(beside.c_str(), R_OK) == 0 || errno != EACCES) continue;
      throw Failure{closed_beside(path, beside)};
    }
    if (has_log(path)) {
      throw Failure{Error{Errc::ledger_readonly, Remedy::give_up,
                          "the log beside the ledger " + path +
                              " waits for rbampd or for somebody who may write there; start rbampd, or run this as root"}};
    }
    return std::make_unique<Connection>(immutable_uri(path), Connection::Access::read_only);
  }
}

}  // namespace rbamp::storage
