#include "storage/database.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace rbamp::storage {
namespace {

// A person with sqlite3 may hold the write lock for a moment; longer is the caller's decision.
constexpr int busy_timeout_ms = 2000;

constexpr int pages_per_step = 2048;  // a megabyte

bool is_out_of_space(int system_error) { return system_error == ENOSPC || system_error == EDQUOT; }

Error describe(const std::string& path, int code, int system_error, const std::string& words) {
  const std::string about = "the ledger " + path + ": " + words;
  switch (code & 0xFF) {
    case SQLITE_FULL: return {Errc::ledger_full, Remedy::wait, about + "; free some space on its file system"};
    case SQLITE_IOERR:
      if (is_out_of_space(system_error)) return {Errc::ledger_full, Remedy::wait, about + "; free some space on its file system"};
      // A sector that the medium cannot give back is damage, however the file got there.
      if (code == SQLITE_IOERR_CORRUPTFS || (code == SQLITE_IOERR_READ && system_error == EIO)) {
        return {Errc::ledger_damaged, Remedy::reinitialise, about + " (the medium has an unreadable place)"};
      }
      return {Errc::ledger_io, Remedy::wait,
              about + (system_error != 0 ? " (" + std::generic_category().message(system_error) + ")" : std::string{})};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {Errc::ledger_damaged, Remedy::reinitialise, about};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {Errc::ledger_busy, Remedy::wait, about + "; another program holds it"};
    case SQLITE_READONLY:
      if (code == SQLITE_READONLY_DBMOVED)
        return {Errc::ledger_io, Remedy::reinitialise, about + "; the file was moved or deleted"};
      return {Errc::ledger_readonly, Remedy::give_up, about + "; make the file and its folder writable for the user of rbampd"};
    case SQLITE_INTERRUPT: return {Errc::cancelled, Remedy::give_up, about};
    case SQLITE_PERM:
    case SQLITE_AUTH: return {Errc::ledger_readonly, Remedy::give_up, about};
    case SQLITE_CANTOPEN:
      if (is_out_of_space(system_error)) return {Errc::ledger_full, Remedy::wait, about + "; free some space on its file system"};
      if (system_error == EACCES || system_error == EPERM || system_error == EROFS) {
        return {Errc::ledger_readonly, Remedy::give_up, about + " (" + std::generic_category().message(system_error) + ")"};
      }
      return {Errc::ledger_io, Remedy::wait, about};
    default: return {Errc::ledger_io, Remedy::give_up, about};
  }
}

[[noreturn]] void rethrow(const std::string& path, const SQLite::Exception& reason, sqlite3* handle) {
  const int system_error = handle != nullptr ? sqlite3_system_errno(handle) : errno;
  const int code = reason.getExtendedErrorCode() > 0 ? reason.getExtendedErrorCode() : reason.getErrorCode();
  throw Failure{describe(path, code, system_error, reason.what())};
}

/// Runs a call of the library and turns its exception into ours.
template <class Call>
auto translated(const std::string& path, sqlite3* handle, Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const SQLite::Exception& reason) {
    rethrow(path, reason, handle);
  }
}

int open_flags(Connection::Access access) {
  switch (access) {
    case Connection::Access::read_only: return SQLite::OPEN_READONLY | SQLite::OPEN_URI;
    case Connection::Access::read_write: return SQLite::OPEN_READWRITE | SQLite::OPEN_URI;
    case Connection::Access::create: return SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_URI;
  }
  return SQLite::OPEN_READONLY;
}

int remember_frames(void* into, sqlite3* /*database*/, const char* /*schema*/, int frames) {
  *static_cast<std::uint32_t*>(into) = static_cast<std::uint32_t>(frames);
  return SQLITE_OK;
}

}  // namespace

void fail_damaged(const std::string& path, const std::string& detail) {
  throw Failure{Error{Errc::ledger_damaged, Remedy::reinitialise, "the ledger " + path + " is damaged: " + detail},
                Failure::Witness::rows};
}

Connection::Connection(const std::string& path, Access access) : path_(path) {
  translated(path, nullptr, [&] { database_ = std::make_unique<SQLite::Database>(path, open_flags(access), busy_timeout_ms); });
  auto* handle = database_->getHandle();
  sqlite3_extended_result_codes(handle, 1);
  // The file may come from anybody (`rbampctl restore`): nothing that is written in it is run. Our schema has no triggers.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // The hook replaces SQLite's own checkpoints after every 1000 frames: when to copy is decided in one place, after the commit.
  sqlite3_wal_hook(handle, remember_frames, &wal_frames_);
}

Connection::~Connection() = default;

void Connection::execute(const std::string& sql) {
  translated(path_, database_->getHandle(), [&] { database_->exec(sql); });
}

std::optional<std::int64_t> Connection::integer(const std::string& sql) {
  return translated(path_, database_->getHandle(), [&]() -> std::optional<std::int64_t> {
    SQLite::Statement statement{*database_, sql};
    if (!statement.executeStep() || statement.isColumnNull(0)) return std::nullopt;
    return statement.getColumn(0).getInt64();
  });
}

std::string Connection::text(const std::string& sql) {
  return translated(path_, database_->getHandle(), [&] {
    SQLite::Statement statement{*database_, sql};
    return statement.executeStep() ? statement.getColumn(0).getString() : std::string{};
  });
}

void Connection::interrupt() { sqlite3_interrupt(database_->getHandle()); }

bool Connection::is_in_transaction() const { return sqlite3_get_autocommit(database_->getHandle()) == 0; }

bool Connection::checkpoint() {
  int in_log = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_->getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
  if ((code & 0xFF) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) {
    throw Failure{describe(path_, code, sqlite3_system_errno(database_->getHandle()), sqlite3_errmsg(database_->getHandle()))};
  }
  return copied >= in_log;
}

bool Connection::truncate_log() {
  // TRUNCATE would wait for readers as long as the busy timeout says.
  sqlite3_busy_timeout(database_->getHandle(), 0);
  const int code = sqlite3_wal_checkpoint_v2(database_->getHandle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(database_->getHandle(), busy_timeout_ms);
  if ((code & 0xFF) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) {
    throw Failure{describe(path_, code, sqlite3_system_errno(database_->getHandle()), sqlite3_errmsg(database_->getHandle()))};
  }
  wal_frames_ = 0;
  return true;
}

void Connection::copy_to(const std::string& path, const std::function<bool()>& keep_going) {
  Connection target{path, Access::create};
  translated(path, target.database_->getHandle(), [&] {
    SQLite::Backup backup{target.library(), *database_};
    // All pages in one step: the read transaction keeps the copy consistent however much is written meanwhile. In several steps
    // SQLite begins again when another program has written between two of them.
    int code = backup.executeStep(keep_going ? pages_per_step : -1);
    while (code == SQLITE_OK) {
      if (!keep_going()) throw Failure{Error{Errc::cancelled, Remedy::give_up, "told to stop copying " + path_}};
      code = backup.executeStep(pages_per_step);
    }
    if (code != SQLITE_DONE) throw SQLite::Exception{"the copy did not finish", code};
    // Without a log of its own the copy is one file, also for who reads it, and can be read where nothing may be written.
    target.library().exec("PRAGMA journal_mode = DELETE");
  });
}

Query::Query(Connection& connection, const std::string& sql) : connection_(&connection) {
  translated(connection.path(), connection.library().getHandle(),
             [&] { statement_ = std::make_unique<SQLite::Statement>(connection.library(), sql); });
}

Query::Query(Query&&) noexcept = default;
Query::~Query() = default;

template <class Call>
auto Query::guarded(Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const SQLite::Exception& reason) {
    // First the words and the error number, then the reset that would overwrite them.
    sqlite3* const handle = connection_->library().getHandle();
    const int system_error = sqlite3_system_errno(handle);
    const int code = reason.getExtendedErrorCode() > 0 ? reason.getExtendedErrorCode() : reason.getErrorCode();
    auto what = describe(connection_->path(), code, system_error, reason.what());
    statement_->tryReset();
    throw Failure{std::move(what)};
  }
}

void Query::bind(int index, std::int64_t value) {
  guarded([&] { statement_->bind(index, value); });
}
void Query::bind(int index, double value) {
  guarded([&] { statement_->bind(index, value); });
}
void Query::bind(int index, std::string_view value) {
  guarded([&] { statement_->bind(index, std::string{value}); });
}
void Query::bind(int index, Bytes value) {
  guarded([&] { statement_->bind(index, value.data(), static_cast<int>(value.size())); });
}
void Query::bind_null(int index) {
  guarded([&] { statement_->bind(index); });
}

void Query::bind_from(int index, const Rows& rows, int column) {
  const auto value = rows.query_.statement_->getColumn(column);
  if (value.isNull()) {
    bind_null(index);
  } else if (value.isInteger()) {
    bind(index, std::int64_t{value.getInt64()});
  } else if (value.isFloat()) {
    bind(index, value.getDouble());
  } else if (value.isText()) {
    bind(index, std::string_view{value.getText(), static_cast<std::size_t>(value.getBytes())});
  } else {
    bind(index, Bytes{static_cast<const std::uint8_t*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())});
  }
}

int Query::execute() {
  return guarded([&] {
    const int changed = statement_->exec();
    statement_->reset();
    return changed;
  });
}

bool Query::step() {
  return guarded([&] { return statement_->executeStep(); });
}

void Query::end() noexcept { statement_->tryReset(); }

Rows::~Rows() { query_.end(); }

bool Rows::next() { return query_.step(); }
bool Rows::is_null(int column) const { return query_.statement_->isColumnNull(column); }
std::int64_t Rows::integer(int column) const { return query_.statement_->getColumn(column).getInt64(); }
std::optional<std::int64_t> Rows::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}
double Rows::real(int column) const { return query_.statement_->getColumn(column).getDouble(); }
std::string Rows::text(int column) const { return query_.statement_->getColumn(column).getString(); }

void Rows::copy_bytes(int column, std::span<std::uint8_t> into) const {
  const auto value = query_.statement_->getColumn(column);
  if (static_cast<std::size_t>(value.getBytes()) != into.size()) {
    fail_damaged(query_.connection_->path(),
                 "a value has " + std::to_string(value.getBytes()) + " bytes instead of " + std::to_string(into.size()));
  }
  std::memcpy(into.data(), value.getBlob(), into.size());
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
  connection_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!is_open_ || !connection_.is_in_transaction()) return;  // SQLite rolls back by itself after some errors
  try {
    connection_.execute("ROLLBACK");
  } catch (const Failure&) {
    // A destructor cannot report. SQLite leaves the transaction open only when the next statement fails too, and says so there.
  }
}

void Transaction::commit() {
  connection_.execute("COMMIT");
  is_open_ = false;
}

}  // namespace rbamp::storage
