// The real libgpiod, as far as a machine without a spare line has it; edges are tested in tests/vm on a simulated chip.
#include "gpio/open_drdy.hpp"

#include "gpio/line_search.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace rbamp;
using namespace rbamp::gpio;

TEST_CASE("a chip that does not exist is an error with words, not an exception") {
  const auto line = open_drdy({.chip = "gpiochip4711", .offset = 15, .line_name = {}});
  REQUIRE_FALSE(line);
  CHECK(line.error().is(Errc::bus_missing));
  CHECK(line.error().remedy == Remedy::reinitialise);
  CHECK(line.error().detail.find("GPIO chip \"gpiochip4711\" does not exist") == 0);
}

TEST_CASE("a file that is no GPIO chip is an error with words") {
  for (const std::string path : {"/dev/null", "/tmp"}) {
    const auto line = open_drdy({.chip = path, .offset = 0, .line_name = {}});
    REQUIRE_FALSE(line);
    CAPTURE(line.error().detail);
    CHECK(line.error().detail.find(path) != std::string::npos);
  }
}

TEST_CASE("a line name that exists nowhere is an error with words") {
  const auto line = open_drdy({.chip = {}, .offset = {}, .line_name = "no-such-line-of-rbampd"});
  REQUIRE_FALSE(line);
  if (chip_paths().empty()) {
    CHECK(line.error().detail.find("there is no GPIO chip at all") != std::string::npos);
  } else {
    CHECK(line.error().detail.find("no-such-line-of-rbampd") != std::string::npos);
  }
}

TEST_CASE("a chip with a second name is one chip, as on a Raspberry Pi 5") {
  const support::TemporaryDirectory folder;
  for (const auto* name : {"gpiochip0", "gpiochip10"}) folder.write(name, "");
  std::filesystem::create_symlink("gpiochip0", folder.file("gpiochip4"));
  CHECK(chip_paths(folder.path().string()) == std::vector<std::string>{folder.file("gpiochip0"), folder.file("gpiochip10")});
}
