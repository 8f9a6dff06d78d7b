// Configurations of small simulated houses, and questions to the ledger's public views.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

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

}  // namespace rbamp::e2e
