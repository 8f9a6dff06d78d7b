#include "ctl/channel_choice.hpp"

#include "support/catch.hpp"

using namespace rbamp;
using namespace rbamp::ctl;

namespace {

storage::ChannelSummary channel(const std::string& module, const std::string& name) {
  storage::ChannelSummary summary;
  summary.module = module;
  summary.channel = name;
  return summary;
}

const std::vector<storage::ChannelSummary> house{channel("flats", "ground_floor"), channel("flats", "first_floor"),
                                                 channel("mains", "grid"), channel("old", "grid")};

config::Config configuration() {
  config::Config config;
  config::Module flats;
  flats.id = "flats";
  flats.role = metering::Role::load;
  config::Module mains;
  mains.id = "mains";
  mains.role = metering::Role::grid;
  config.modules = {flats, mains};
  return config;
}

std::vector<std::string> names(const ChannelFilter& filter) {
  std::vector<std::string> names;
  const auto chosen = choose_channels(house, configuration(), filter).value();
  for (const auto& channel : chosen) names.push_back(channel.name());
  return names;
}

std::string refusal(const ChannelFilter& filter) {
  const auto chosen = choose_channels(house, configuration(), filter);
  return chosen ? "accepted" : chosen.error().detail;
}

}  // namespace

TEST_CASE("channels are chosen by module, channel and role, together") {
  CHECK(names({}).size() == 4);
  CHECK(names({"flats", "", ""}) == std::vector<std::string>{"flats/ground_floor", "flats/first_floor"});
  CHECK(names({"", "grid", ""}) == std::vector<std::string>{"mains/grid", "old/grid"});
  CHECK(names({"", "mains/grid", ""}) == std::vector<std::string>{"mains/grid"});
  CHECK(names({"", "", "load"}) == std::vector<std::string>{"flats/ground_floor", "flats/first_floor"});
  CHECK(names({"flats", "first_floor", "load"}) == std::vector<std::string>{"flats/first_floor"});
}

TEST_CASE("a module of the ledger that is no longer configured has the role other") {
  CHECK(names({"", "", "other"}) == std::vector<std::string>{"old/grid"});
}

TEST_CASE("a name that is not there is answered with those that are") {
  CHECK(refusal({"flat", "", ""}) == "the ledger has no module \"flat\"; did you mean \"flats\"?; it has flats, mains and old");
  CHECK(refusal({"flats", "frist_floor", ""}).find("did you mean \"first_floor\"?") != std::string::npos);
  CHECK(refusal({"", "house", ""}).find("flats/ground_floor") != std::string::npos);
  CHECK(refusal({"", "", "sun"}).find("grid, solar, battery, load and other") != std::string::npos);
  CHECK(refusal({"mains", "", "load"}).find("none of these channels has the role") != std::string::npos);
  CHECK(refusal({"", "", "battery"}).find("none of these channels has the role") != std::string::npos);
  const auto empty = choose_channels({}, configuration(), {});
  REQUIRE(!empty);
  CHECK(empty.error().detail.find("no module has closed a period") != std::string::npos);
}
