// Configurations of small simulated houses, and questions to the ledger's public views.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temporary_directory.hpp"

namespace rbamp::e2e {

inline const std::string rbampd = RBAMPD;

/// One UI1 with a constant kilowatt, period 1 s.
inline std::string one_kilowatt(const support::TemporaryDirectory& folder) {
  return "[daemon]\nperiod = \"1s\"\n[storage]\npath = \"" + folder.file("energy.db") +
         "\"\n[[bus]]\nname = \"main\"\ndriver = \"simulator\"\n"
         "[[module]]\nid = \"mains\"\naddress = 0x50\nrole = \"load\"\n"
         "[simulator]\nstate_file = \"" +
         folder.file("house.state") +
         "\"\n[[simulator.module]]\naddress = 0x50\nvariant = \"UI1\"\n[[simulator.module.load]]\nshape = \"constant\"\npower_w "
         "= 1000.0\n";
}

inline double ask(const std::string& database, const std::string& question) {
  const SQLite::Database file{database, SQLite::OPEN_READONLY};
  SQLite::Statement query{file, question};
  query.executeStep();
  return query.getColumn(0).getDouble();
}

inline std::string ask_text(const std::string& database, const std::string& question) {
  const SQLite::Database file{database, SQLite::OPEN_READONLY};
  SQLite::Statement query{file, question};
  query.executeStep();
  return query.getColumn(0).getText();
}

/// Every page but the first becomes garbage, and nothing newer is in the log.
inline void damage(const std::string& database) {
  SQLite::Database{database, SQLite::OPEN_READWRITE, 2000}.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream file{database, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(4096);
  file << std::string(std::filesystem::file_size(database) - 4096, 'x');
}

/// The same, and what is left has the mark of another program: nothing repairs that.
inline void damage_beyond_repair(const std::string& database) {
  SQLite::Database{database, SQLite::OPEN_READWRITE, 2000}.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::fstream file{database, std::ios::in | std::ios::out | std::ios::binary};
  constexpr std::streamoff application_id = 68;
  file.seekp(application_id);
  file << "mine";
  file.seekp(4096);
  file << std::string(std::filesystem::file_size(database) - 4096, 'x');
}

}  // namespace rbamp::e2e
