// The adapter around SQLiteCpp: the only place that knows the library. Everything in storage/ speaks SQL through it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace rbamp::storage {

/// Thrown inside storage/ only, where a row is one call in a hundred: the public classes turn it into an Error with `caught`.
class Failure final : public std::exception {
 public:
  /// Who noticed: SQLite or the medium, or we, because rows of whole pages contradict each other.
  enum class Witness { library, rows };
  explicit Failure(Error error, Witness witness = Witness::library) : error_(std::move(error)), witness_(witness) {}
  [[nodiscard]] const char* what() const noexcept override { return error_.detail.c_str(); }
  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] Witness witness() const noexcept { return witness_; }

 private:
  Error error_;
  Witness witness_;
};

/// Runs `work` and turns a Failure into the error of a Result.
template <class Work>
[[nodiscard]] auto caught(Work&& work) -> Result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const Failure& reason) {
    return failure(reason.error());
  }
}

/// One connection. Blocks for the disk; for one thread. Every call throws Failure with ledger_full, ledger_damaged, ledger_busy,
/// ledger_readonly or ledger_io.
class Connection {
 public:
  enum class Access { read_only, read_write, create };

  Connection(const std::string& path, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// One or several statements without a result.
  void execute(const std::string& sql);
  /// The first column of the first row; nullopt when there is no row or it is NULL.
  [[nodiscard]] std::optional<std::int64_t> integer(const std::string& sql);
  [[nodiscard]] std::string text(const std::string& sql);

  /// Frames in the write-ahead log after the last commit of this connection.
  [[nodiscard]] std::uint32_t wal_frames() const { return wal_frames_; }
  /// Copies as much of the log into the database as readers allow. True when all of it was copied, so that the next
  /// commit starts the log anew.
  bool checkpoint();
  /// The same, and empties the log file; waits for nobody: false when a reader is in the way.
  bool truncate_log();
  /// Writes a consistent copy to `path`, which must not exist. Other connections go on. `keep_going` is called after each megabyte;
  /// a false ends the copy with cancelled, and what is at `path` then is of no use.
  void copy_to(const std::string& path, const std::function<bool()>& keep_going = {});
  [[nodiscard]] bool is_in_transaction() const;
  /// Ends the statement that runs now, which throws Failure with cancelled. The only call for another thread.
  void interrupt();

  [[nodiscard]] SQLite::Database& library() { return *database_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<SQLite::Database> database_;
  std::uint32_t wal_frames_ = 0;
};

/// A read-only view of a run of bytes, bound as BLOB.
using Bytes = std::span<const std::uint8_t>;

class Rows;

/// A prepared statement: prepared once, run many times.
class Query {
 public:
  Query(Connection& connection, const std::string& sql);
  ~Query();
  Query(Query&&) noexcept;
  Query& operator=(Query&&) = delete;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// Binds the arguments in order and runs the statement; returns the number of changed rows.
  template <class... Values>
  int run(const Values&... values) {
    bind_all(values...);
    return execute();
  }
  /// Binds the arguments in order and starts reading. One Rows at a time.
  template <class... Values>
  [[nodiscard]] Rows select(const Values&... values);

  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, Bytes value);
  void bind_null(int index);
  /// The value of a column of another query, whatever its type.
  void bind_from(int index, const Rows& rows, int column);
  void bind(int index, const std::optional<std::int64_t>& value) { value ? bind(index, *value) : bind_null(index); }
  int execute();

 private:
  friend class Rows;
  template <class... Values>
  void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }
  template <class Call>
  auto guarded(Call&& call) -> decltype(call());
  [[nodiscard]] bool step();
  void end() noexcept;
  Connection* connection_;  // outlives every query of it
  std::unique_ptr<SQLite::Statement> statement_;
};

/// The result of a query, row by row; ends the query when it goes.
class Rows {
 public:
  explicit Rows(Query& query) : query_(query) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  [[nodiscard]] bool next();
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// Exactly N bytes, else ledger_damaged.
  template <std::size_t N>
  [[nodiscard]] std::array<std::uint8_t, N> bytes(int column) const {
    std::array<std::uint8_t, N> value{};
    copy_bytes(column, value);
    return value;
  }

 private:
  friend class Query;
  void copy_bytes(int column, std::span<std::uint8_t> into) const;
  Query& query_;
};

template <class... Values>
Rows Query::select(const Values&... values) {
  bind_all(values...);
  return Rows{*this};
}

/// A write transaction (BEGIN IMMEDIATE) is rolled back unless committed; a read transaction just ends.
class Transaction {
 public:
  enum class Kind { write, read };
  explicit Transaction(Connection& connection, Kind kind = Kind::write);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool is_open_ = true;
};

/// "the ledger PATH is damaged: DETAIL"
[[noreturn]] void fail_damaged(const std::string& path, const std::string& detail);

}  // namespace rbamp::storage
