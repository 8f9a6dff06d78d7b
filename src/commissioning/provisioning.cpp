#include "commissioning/provisioning.hpp"

#include "commissioning/address_move.hpp"
#include "commissioning/flash_write.hpp"
#include "commissioning/solitude.hpp"
#include "protocol/address_change.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using protocol::ErrorCode;

namespace {

bool moves(const ModuleLink& module, const Provision& wish) { return wish.address && *wish.address != module.address(); }

Result<void> check_complete(const ModuleLink& module, const Setup& setup) {
  if (!setup.sensor_class || *setup.sensor_class == protocol::SensorClass::unset)
    return failure(Errc::request_invalid, Remedy::give_up, "a module cannot be set up without a sensor class");
  for (std::size_t i = 0; i < channel_count(module.variant()); ++i) {
    if (setup.ct_models.at(i)) continue;
    return failure(Errc::request_invalid, Remedy::give_up,
                   module.name() + " is a " + std::string{to_string(module.variant())} +
                       ": say which current transformer is on channel " + std::to_string(i));
  }
  return {};
}

void tell(const Progress& progress, std::string_view words) {
  if (progress) progress(words);
}

}  // namespace

Result<bool> is_blank(const ModuleLink& module) {
  const auto code = module.read_error_code();
  if (!code) return failure(code.error());
  const auto sensor_class = module.read_twice<1>(reg::sensor_class);
  if (!sensor_class) return failure(sensor_class.error());
  return *code == ErrorCode::flash_params_bad || (*sensor_class)[0] == static_cast<std::uint8_t>(protocol::SensorClass::unset);
}

Result<std::vector<SettingChange>> plan_provision(const ModuleLink& module, const Provision& wish) {
  const auto blank = is_blank(module);
  if (!blank) return failure(blank.error());
  if (!*blank) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   module.name() + " is set up already; change single settings with rbampctl set");
  }
  if (auto complete = check_complete(module, wish.setup); !complete) return failure(complete.error());
  auto changes = plan_setup(module, wish.setup);
  if (!changes) return changes;
  if (moves(module, wish)) {
    if (auto possible = check_move(module, *wish.address); !possible) return failure(possible.error());
    changes->push_back({"address", to_string(module.address()), to_string(*wish.address)});
  } else if (auto alone = check_alone(module); !alone) {
    return failure(alone.error());
  }
  return changes;
}

Result<ModuleLink> provision(const ModuleLink& module, const Provision& wish, const BeforeReset& before_reset,
                             const Progress& progress) {
  if (auto planned = plan_provision(module, wish); !planned) return failure(planned.error());
  const std::string at = to_string(module.address());
  if (auto written = write_setup(module, wish.setup, progress); !written) return failure(written.error());
  if (auto saved = write_flash(module, protocol::Command::save_user_config); !saved) {
    return failure(half_stored(module, saved.error(), "The settings are in its RAM",
                               "rbampctl reset " + at + " shows what is stored; then try again"));
  }
  tell(progress, "stored in its flash");

  auto there = moves(module, wish) ? move_module(module, *wish.address, before_reset, progress)
                                   : reboot(module, module.address(), before_reset);
  if (!there) {
    return failure(half_stored(module, there.error(), "Its settings are stored, only the rest is open",
                               "A module that is set up is moved with rbampctl set address " + at + " NEW"));
  }
  if (auto verified = verify_setup(*there, wish.setup); !verified) {
    return failure(half_done(verified.error(), "It was reset and shows what its flash holds",
                             "Try again; when it stays so, the flash is worn out and the module must be replaced"));
  }
  const auto code = there->read_error_code();
  if (!code) return failure(code.error());
  if (*code == ErrorCode::flash_params_bad) {
    return failure(
        Errc::rejected, Remedy::give_up,
        there->name() + " still says that its parameter page is blank: try again; when it stays so, replace the module");
  }
  tell(progress, "read again after the reset: all as stored");
  if (auto cleared = clear_own_flags(*there); !cleared) return failure(cleared.error());
  return there;
}

}  // namespace rbamp::commissioning
