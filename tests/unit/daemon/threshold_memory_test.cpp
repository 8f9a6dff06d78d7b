// Thresholds that the daemon keeps for modules, which forget them at every reset.
#include "daemon/threshold_memory.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using daemon::ThresholdMemory;
using metering::CurrentThreshold;
using metering::PowerThreshold;

TEST_CASE("thresholds are remembered to the step of the register") {
  ThresholdMemory memory;
  memory.set("mains", CurrentThreshold{Amperes{16.05}});
  memory.set("mains", PowerThreshold{Watts{3600.0}});
  memory.set("pv-roof", PowerThreshold{Watts{65534.0}});
  CHECK(memory.to_text() == "mains 1605 3600\npv-roof off 65534\n");
  const auto again = ThresholdMemory::from_text(memory.to_text());
  CHECK(again.to_text() == memory.to_text());
  CHECK(again.of("mains").current == std::optional{Amperes{16.05}});
  CHECK_FALSE(again.of("pv-roof").current.has_value());
  CHECK(again.of("pv-roof").power == std::optional{Watts{65534.0}});
  CHECK_FALSE(again.of("other").power.has_value());
}

TEST_CASE("a threshold that is switched off is forgotten") {
  ThresholdMemory memory;
  memory.set("mains", CurrentThreshold{Amperes{16.0}});
  memory.set("mains", CurrentThreshold{});
  memory.set("other", PowerThreshold{});
  CHECK(memory.to_text().empty());
}

TEST_CASE("what somebody else sets is followed, where something was remembered") {
  ThresholdMemory memory;
  memory.set("mains", CurrentThreshold{Amperes{16.0}});
  metering::ModuleSettings shown;
  shown.module_id = "mains";
  shown.current_threshold = Amperes{20.0};
  shown.power_threshold = Watts{100.0};
  memory.follow(shown);
  CHECK(memory.to_text() == "mains 2000 off\n");
  shown.module_id = "other";
  memory.follow(shown);
  CHECK(memory.to_text() == "mains 2000 off\n");
  shown.module_id = "mains";
  shown.current_threshold.reset();
  memory.follow(shown);
  CHECK(memory.to_text().empty());
}

TEST_CASE("a damaged memory loses the damaged lines only") {
  const auto memory =
      ThresholdMemory::from_text("mains 1600 off\nbroken\nx 1 -5\ny 70000 off\nz off 1e3\nq off off\npump off 42");
  CHECK(memory.to_text() == "mains 1600 off\npump off 42\n");
  CHECK(ThresholdMemory::from_text("\xff\n\n").to_text().empty());
}
