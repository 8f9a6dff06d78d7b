#include "daemon/setting_jobs.hpp"

#include "commissioning/ram_settings.hpp"
#include "commissioning/setup.hpp"

namespace rbamp::daemon {

namespace reg = protocol::reg;
using commissioning::ModuleLink;
using commissioning::RamSettings;
using commissioning::Setup;
using commissioning::Thresholds;

namespace {

Result<ModuleLink> link_to(fleet::BusStation& bus, const ChipPlace& chip) {
  auto link = ModuleLink::open(bus, chip.address);
  if (!link || link->identity().uid == chip.uid) return link;
  return failure(Errc::wrong_module, Remedy::give_up,
                 link->name() + " is another chip now (UID " + to_string(link->identity().uid) + ")");
}

Result<Setup> setup_of(const metering::CtModel& wish) {
  const auto* model = protocol::find_ct_model(std::string_view{wish.name});
  if (model == nullptr) return failure(Errc::request_invalid, Remedy::give_up, "there is no such current transformer");
  Setup setup;
  setup.ct_models.at(wish.input.value()) = model->code;
  return setup;
}

Result<void> write_missing(const ModuleLink& module, const RamSettings& now, Thresholds missing) {
  if (now.threshold_current != protocol::threshold_off) missing.current.reset();
  if (now.threshold_power != protocol::threshold_off) missing.power.reset();
  if (!missing.current && !missing.power) return {};
  return commissioning::set_thresholds(module, missing);
}

}  // namespace

Result<metering::ModuleSettings> read_settings(fleet::BusStation& bus, const ChipPlace& chip, const Thresholds& missing) {
  const auto module = link_to(bus, chip);
  if (!module) return failure(module.error());
  auto ram = RamSettings::read(*module);
  if (!ram) return failure(ram.error());
  if (missing.current || missing.power) {
    if (auto written = write_missing(*module, *ram, missing); !written) return failure(written.error());
    ram = RamSettings::read(*module);
    if (!ram) return failure(ram.error());
  }
  const auto sensor_class = module->read_twice<1>(reg::sensor_class);
  if (!sensor_class) return failure(sensor_class.error());
  const auto models = module->read_twice<max_channels>(reg::ct_model_ch0);
  if (!models) return failure(models.error());

  metering::ModuleSettings settings;
  settings.current_threshold = protocol::decode_current_threshold(ram->threshold_current);
  settings.power_threshold = protocol::decode_power_threshold(ram->threshold_power);
  // The codes of other classes mean other things.
  if (static_cast<protocol::SensorClass>((*sensor_class)[0]) != protocol::SensorClass::sct_013) return settings;
  for (std::size_t i = 0; i < max_channels; ++i) {
    if (const auto* model = protocol::find_ct_model(models->at(i)); model != nullptr)
      settings.ct_models.at(i) = std::string{model->name};
  }
  return settings;
}

Result<void> write_thresholds(fleet::BusStation& bus, const ChipPlace& chip, const Thresholds& thresholds) {
  const auto module = link_to(bus, chip);
  if (!module) return failure(module.error());
  return commissioning::set_thresholds(*module, thresholds);
}

Result<bool> needs_ct_change(fleet::BusStation& bus, const ChipPlace& chip, const metering::CtModel& wish) {
  const auto setup = setup_of(wish);
  if (!setup) return failure(setup.error());
  const auto module = link_to(bus, chip);
  if (!module) return failure(module.error());
  const auto changes = commissioning::plan_setup(*module, *setup);
  if (!changes) return failure(changes.error());
  return !changes->empty();
}

Result<void> store_ct_model(fleet::BusStation& bus, const ChipPlace& chip, const metering::CtModel& wish) {
  const auto setup = setup_of(wish);
  if (!setup) return failure(setup.error());
  const auto module = link_to(bus, chip);
  if (!module) return failure(module.error());
  const auto done = commissioning::apply_setup(*module, *setup, {}, {});
  if (!done) return failure(done.error());
  return {};
}

}  // namespace rbamp::daemon
