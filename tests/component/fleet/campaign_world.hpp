// The houses in which things die: what a seed decides about modules, loads, latching and the fault script.
#pragma once

#include <string>
#include <vector>

#include "line_judge.hpp"
#include "support/house.hpp"

namespace rbamp::support {

struct CampaignWorld {
  HouseSettings house;
  std::vector<JudgedModule> modules;
  std::string words;          ///< for a person who has to find out what broke
  bool host_reboots = false;  ///< some deaths are those of the whole host; the modules keep their supply
  bool clock_steps = false;   ///< UTC is stepped now and then; never together with reboots, across which it is the only clock
};

/// The same for the same seed. Faults begin after `calm`, so that every module has an anchor by then.
inline constexpr Microseconds campaign_calm = std::chrono::seconds{65};
[[nodiscard]] CampaignWorld campaign_world(std::uint64_t seed);

}  // namespace rbamp::support
