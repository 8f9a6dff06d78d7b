#include "gpio/line_search.hpp"

#include <cerrno>
#include <map>

#include "gpio/edge_tally.hpp"
#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::gpio;

namespace {

struct Chip {
  std::string label;
  std::vector<std::string> lines;
  int error_number = 0;
};

/// A machine with GPIO chips.
class Machine {
 public:
  explicit Machine(std::map<std::string, Chip> chips) : chips_(std::move(chips)) {}

  [[nodiscard]] Result<LinePlace> find(const DrdyRequest& request) const {
    std::vector<std::string> paths;
    for (const auto& [path, chip] : chips_) paths.push_back(path);
    return find_line(request, paths, [this](const std::string& path, const std::string& name) { return look(path, name); });
  }
  [[nodiscard]] Error refuse(const DrdyRequest& request) const {
    const auto place = find(request);
    REQUIRE_FALSE(place);
    return place.error();
  }

 private:
  [[nodiscard]] Result<ChipFacts> look(const std::string& path, const std::string& name) const {
    const auto found = chips_.find(path);
    if (found == chips_.end()) return failure(gpio_error(ENOENT, path));
    const auto& chip = found->second;
    if (chip.error_number != 0) return failure(gpio_error(chip.error_number, path));
    ChipFacts facts{.label = chip.label, .line_count = static_cast<unsigned>(chip.lines.size()), .named_line = std::nullopt};
    for (unsigned i = 0; i < chip.lines.size(); ++i) {
      if (!name.empty() && chip.lines[i] == name) facts.named_line = i;
    }
    return facts;
  }

  std::map<std::string, Chip> chips_;
};

const Machine pi{{{"/dev/gpiochip0", {.label = "pinctrl-rp1", .lines = {"ID_SDA", "ID_SCL", "GPIO2", "GPIO3"}}},
                  {"/dev/gpiochip1", {.label = "expander", .lines = {"LED", "GPIO2"}}}}};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a line is found by number on a chip given by name, number, path or label") {
  const auto chip = GENERATE(values<std::string>({"gpiochip0", "0", "/dev/gpiochip0", "pinctrl-rp1"}));
  CAPTURE(chip);
  const auto place = pi.find({.chip = chip, .offset = 3, .line_name = {}});
  REQUIRE(place);
  CHECK(*place == LinePlace{"/dev/gpiochip0", 3});
}

TEST_CASE("a line is found by name on any chip") {
  CHECK(*pi.find({.chip = {}, .offset = {}, .line_name = "LED"}) == LinePlace{"/dev/gpiochip1", 0});
  CHECK(*pi.find({.chip = "gpiochip1", .offset = {}, .line_name = "GPIO2"}) == LinePlace{"/dev/gpiochip1", 1});
}

TEST_CASE("a name that two chips use needs the chip") {
  const auto error = pi.refuse({.chip = {}, .offset = {}, .line_name = "GPIO2"});
  CHECK(error.is(Errc::config_invalid));
  CHECK(contains(error.detail, "/dev/gpiochip0 and on /dev/gpiochip1"));
}

TEST_CASE("a name that no chip knows says how to list names") {
  CHECK(contains(pi.refuse({.chip = {}, .offset = {}, .line_name = "DRDY"}).detail, "no GPIO line is called \"DRDY\""));
  CHECK(contains(pi.refuse({.chip = "0", .offset = {}, .line_name = "LED"}).detail, "called \"LED\" on 0"));
  CHECK(contains(pi.refuse({.chip = {}, .offset = {}, .line_name = "DRDY"}).detail, "gpioinfo"));
}

TEST_CASE("a number beyond the chip names the numbers there are") {
  const auto error = pi.refuse({.chip = "gpiochip1", .offset = 2, .line_name = {}});
  CHECK(error.is(Errc::config_invalid));
  CHECK(error.detail == "/dev/gpiochip1 has no line 2: its lines are 0 to 1");
}

TEST_CASE("a missing chip lists those that exist and may appear later") {
  for (const std::string chip : {"gpiochip9", "nonsense"}) {
    const auto error = pi.refuse({.chip = chip, .offset = 1, .line_name = {}});
    CHECK(error.is(Errc::bus_missing));
    CHECK(error.remedy == Remedy::reinitialise);
    CHECK(contains(error.detail, "\"" + chip + "\" does not exist (there is /dev/gpiochip0 and /dev/gpiochip1"));
  }
  const Machine bare{{}};
  CHECK(contains(bare.refuse({.chip = "gpiochip0", .offset = 1, .line_name = {}}).detail, "no GPIO chip at all"));
  CHECK(bare.refuse({.chip = {}, .offset = {}, .line_name = "GPIO2"}).is(Errc::bus_missing));
}

TEST_CASE("a request must say exactly one of number and name, and a number needs its chip") {
  CHECK(pi.refuse({.chip = "0", .offset = {}, .line_name = {}}).is(Errc::config_invalid));
  CHECK(pi.refuse({.chip = "0", .offset = 1, .line_name = "GPIO2"}).is(Errc::config_invalid));
  CHECK(contains(pi.refuse({.chip = {}, .offset = 15, .line_name = {}}).detail, "DRDY line 15 needs the chip"));
}

TEST_CASE("a chip that may not be used is named with the group, unless another one has the line") {
  const Machine closed{{{"/dev/gpiochip0", {.label = "a", .lines = {"X"}, .error_number = EACCES}}}};
  const auto error = closed.refuse({.chip = {}, .offset = {}, .line_name = "X"});
  CHECK(error.is(Errc::bus_permission));
  CHECK(contains(error.detail, "group gpio"));
  CHECK(closed.refuse({.chip = "gpiochip0", .offset = 0, .line_name = {}}).is(Errc::bus_permission));

  const Machine half{{{"/dev/gpiochip0", {.label = "a", .lines = {}, .error_number = EACCES}},
                      {"/dev/gpiochip1", {.label = "b", .lines = {"X"}}}}};
  CHECK(*half.find({.chip = {}, .offset = {}, .line_name = "X"}) == LinePlace{"/dev/gpiochip1", 0});
}

TEST_CASE("a line in use names its user") {
  const auto error = gpio_error(EBUSY, "GPIO line 15 of /dev/gpiochip0", "w1-gpio");
  CHECK(error.is(Errc::bus_busy));
  CHECK(error.remedy == Remedy::wait);
  CHECK(contains(error.detail, "GPIO line 15 of /dev/gpiochip0 is in use by \"w1-gpio\""));
  CHECK(gpio_error(EPERM, "x").is(Errc::bus_permission));
  CHECK(gpio_error(ENOTTY, "x").is(Errc::bus_missing));
  CHECK(gpio_error(EIO, "x").remedy == Remedy::reinitialise);
}

TEST_CASE("edges are counted, and those the kernel dropped are known by their numbers") {
  EdgeTally tally;
  tally.begin();
  tally.add(EdgeTime{Nanoseconds{100}}, 1);
  tally.add(EdgeTime{Nanoseconds{1200}}, 2);
  CHECK(tally.edges({}).count == 2);
  CHECK(tally.edges({}).lost == 0);
  const auto fell = tally.edges(Nanoseconds{5'000'000}).fell;  // after 5 ms of suspend
  CHECK(fell == std::vector{BootTime{Microseconds{5000}}, BootTime{Microseconds{5001}}});

  tally.begin();
  tally.add(EdgeTime{Nanoseconds{900}}, 25);  // 3 to 24 fell out of the queue
  CHECK(tally.edges({}).count == 1);
  CHECK(tally.edges({}).lost == 22);

  tally.begin();
  CHECK(tally.edges({}).count == 0);
}

TEST_CASE("a queue that overflowed before the first drain lost edges too") {
  EdgeTally tally;
  tally.begin();
  tally.add(EdgeTime{Nanoseconds{1}}, 25);
  CHECK(tally.edges({}).lost == 24);
}

TEST_CASE("a kernel that does not number edges reports none as lost") {
  EdgeTally tally;
  tally.begin();
  for (int i = 0; i < 16; ++i) tally.add(EdgeTime{Nanoseconds{i}}, std::nullopt);
  CHECK(tally.edges({}).count == 16);
  CHECK(tally.edges({}).lost == 0);
}
