#include "storage/ledger_database.hpp"

#include <random>

#include "storage/snapshot.hpp"

namespace rbamp::storage {
namespace {

LedgerId new_id() {
  std::random_device source;
  LedgerId id{};
  for (auto& byte : id) byte = static_cast<std::uint8_t>(source());
  return id;
}

}  // namespace

std::unique_ptr<Connection> open_database(const Settings& settings, mode_t mode, const BeforeUpgrade& before) {
  if (auto made = make_file(settings.path, mode); !made) throw Failure{made.error()};
  auto connection = std::make_unique<Connection>(settings.path, Connection::Access::create);
  refuse_later_schema(*connection, schema_steps());  // before anything is written
  // The first two only have an effect on an empty file. Incremental: freed pages can be given back without rewriting the file.
  connection->execute("PRAGMA page_size = " + std::to_string(page_bytes));
  connection->execute("PRAGMA auto_vacuum = INCREMENTAL");
  if (connection->text("PRAGMA journal_mode = WAL") != "wal") {
    throw Failure{Error{Errc::ledger_io, Remedy::give_up,
                        "the file system of the ledger " + settings.path +
                            " cannot share memory between programs; put the ledger on a local disk"}};
  }
  // Raised for each round. OFF is enough for what only has to survive the process: what it wrote belongs to the kernel.
  connection->execute(settings.survives_power_cut ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = OFF");
  connection->execute("PRAGMA secure_delete = OFF");  // Debian's default would write each freed page once more
  connection->execute("PRAGMA cache_size = -768");
  connection->execute("PRAGMA journal_size_limit = 4194304");
  upgrade(*connection, schema_steps(), before);
  if (!connection->integer("SELECT id FROM book")) {
    Query{*connection, "INSERT INTO book(id, ledger_id, rolled_up_through, folded_through) VALUES(0, ?, 0, 0)"}.run(
        Bytes{new_id()});
  }
  return connection;
}

}  // namespace rbamp::storage
