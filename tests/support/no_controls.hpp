// For outputs through which nothing is asked of the fleet.
#pragma once

#include <functional>
#include <string>

#include "metering/module_settings.hpp"
#include "metering/output.hpp"

namespace rbamp::support {

struct NoFleet final : metering::FleetControl {
  void latch_now() override {}
  bool restart_module(const std::string& /*module_id*/) override { return false; }
};

struct NoSettings final : metering::SettingControl {
  void set(const metering::SettingOrder& /*order*/, std::function<void(Result<void>)> done) override { done({}); }
};

}  // namespace rbamp::support
