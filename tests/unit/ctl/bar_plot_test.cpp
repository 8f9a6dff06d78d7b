#include "ctl/bar_plot.hpp"

#include "ctl/table.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::ctl;

namespace {

constexpr std::int64_t kwh = 1'000'000'000;

PlotRow row(const std::string& label, std::int64_t energy_import, std::int64_t energy_export = 0, const std::string& marks = "") {
  return {label, MicroWattHours{energy_import}, MicroWattHours{energy_export}, marks};
}

std::string drawn(const std::vector<PlotRow>& rows, PlotStyle style) {
  std::string text;
  for (const auto& line : draw_bars(rows, style)) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("import is drawn to the right, to an eighth of a column, on a scale from nothing") {
  CHECK(drawn({row("Mon", 8 * kwh), row("Tue", 4 * kwh), row("Wed", 1 * kwh), row("Thu", 0), row("Fri", 1)}, {30, true, false}) ==
        "kWh  import\n"
        "Mon   8.000  │████████████████\n"
        "Tue   4.000  │████████\n"
        "Wed   1.000  │██\n"
        "Thu   0.000  │\n"
        "Fri   0.000  │▏\n");
  CHECK(drawn({row("a", 16 * kwh), row("b", 1 * kwh)}, {20, true, false}) ==
        "kWh  import\n"
        "a    16.000  │██████████\n"
        "b     1.000  │▋\n");
}

TEST_CASE("export is drawn to the left in another shade, on the same scale") {
  CHECK(drawn({row("Mon", 6 * kwh, 0), row("Tue", 3 * kwh, 2 * kwh), row("Wed", 0, 1)}, {40, true, false}) ==
        "kWh  import  export\n"
        "Mon   6.000   0.000       │█████████████\n"
        "Tue   3.000   2.000   ▒▒▒▒│██████▌\n"
        "Wed   0.000   0.000      ▒│\n");
}

TEST_CASE("what is not known has no number, and marks have a column of their own") {
  CHECK(drawn({row("Mon", 2 * kwh, 0, "~"), {"Tue", std::nullopt, std::nullopt, "?"}, row("Wed", kwh, 0, "~?")},
              {24, true, false}) ==
        "kWh  import\n"
        "Mon   2.000  ~  │██████████\n"
        "Tue       -  ?  │\n"
        "Wed   1.000  ~? │█████\n");
}

TEST_CASE("a terminal without Unicode gets signs that it has") {
  CHECK(drawn({row("a", 4 * kwh, 4 * kwh), row("b", kwh, 2 * kwh)}, {40, false, false}) ==
        "kWh  import  export\n"
        "a     4.000   4.000  =========|#########\n"
        "b     1.000   2.000      =====|##\n");
}

TEST_CASE("colour is only added, and only where it is wanted") {
  const std::vector<PlotRow> rows{row("a", kwh, kwh)};
  const std::string plain = drawn(rows, {40, true, false});
  std::string coloured = drawn(rows, {40, true, true});
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(coloured.find('\x1b') != std::string::npos);
  for (const std::string code : {"\x1b[32m", "\x1b[0m"}) coloured.erase(coloured.find(code), code.size());
  CHECK(coloured == plain);
}

TEST_CASE("no line is longer than the terminal is wide, however wide it is") {
  std::vector<PlotRow> rows;
  for (std::int64_t i = 0; i < 40; ++i)
    rows.push_back(row("2026-11-01 14:30", i * i * kwh / 7, (40 - i) * kwh / 3, i % 5 == 0 ? "~" : ""));
  for (std::size_t width = 56; width < 200; ++width) {
    for (const auto& line : draw_bars(rows, {width, true, false})) CHECK(display_width(line) <= width);
  }
  CHECK(!draw_bars(rows, {5, true, false}).empty());
}

TEST_CASE("a correction that takes away is drawn by its size and shown with its sign") {
  CHECK(drawn({row("a", -2 * kwh), row("b", 4 * kwh)}, {24, true, false}) ==
        "kWh  import\n"
        "a    -2.000  │█████\n"
        "b     4.000  │██████████\n");
}

TEST_CASE("nothing at all is drawn as nothing") {
  CHECK(draw_bars({}, {80, true, false}).empty());
  CHECK(drawn({row("a", 0)}, {80, true, false}) == "kWh  import\na     0.000  │\n");
}
