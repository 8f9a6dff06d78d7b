#include "ctl/table.hpp"

#include <sstream>

#include "ctl/csv.hpp"
#include "support/catch.hpp"

using namespace rbamp::ctl;

TEST_CASE("columns are as wide as their widest cell, and lines end without blanks") {
  Table table{{{"name", Table::Align::left}, {"kWh", Table::Align::right}, {"", Table::Align::left}}};
  table.add({"Küche", "1.5", ""});
  table.add({"a", "1234.5", "~"});
  table.add({"short"});
  std::ostringstream out;
  table.print(out, 2);
  CHECK(out.str() ==
        "  name      kWh\n"
        "  Küche     1.5\n"
        "  a      1234.5  ~\n"
        "  short\n");
}

TEST_CASE("what a name smuggles in cannot command the terminal") {
  CHECK(printable("a\x1b[31mb\n\x7f") == "a?[31mb??");
  CHECK(printable("Küche – Süd") == "Küche – Süd");
  CHECK(printable("x\xc2\x9b"
                  "31m") == "x?31m");
}

TEST_CASE("a CSV field is quoted when it must be") {
  CHECK(csv_field("mains") == "mains");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"so\"") == "\"say \"\"so\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
}
