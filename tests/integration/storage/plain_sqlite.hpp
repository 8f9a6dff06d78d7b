// The database as a person with `sqlite3` sees it: no code of ours in between.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

namespace rbamp::support {

class PlainSqlite {
 public:
  explicit PlainSqlite(const std::string& path, bool writable = false)
      : PlainSqlite(path, writable ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY) {}
  static PlainSqlite create(const std::string& path) { return {path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}; }

  void run(const std::string& sql) { database_.exec(sql); }
  std::int64_t integer(const std::string& sql) { return database_.execAndGet(sql).getInt64(); }
  double real(const std::string& sql) { return database_.execAndGet(sql).getDouble(); }
  std::string text(const std::string& sql) { return database_.execAndGet(sql).getString(); }

  /// All rows, columns joined by "|", as the shell prints them.
  std::vector<std::string> rows(const std::string& sql) {
    SQLite::Statement statement{database_, sql};
    std::vector<std::string> rows;
    while (statement.executeStep()) {
      std::string line;
      for (int column = 0; column < statement.getColumnCount(); ++column)
        line += (column > 0 ? "|" : "") + statement.getColumn(column).getString();
      rows.push_back(line);
    }
    return rows;
  }

 private:
  PlainSqlite(const std::string& path, int flags) : database_(path, flags, 1000) {}
  SQLite::Database database_;
};

}  // namespace rbamp::support
