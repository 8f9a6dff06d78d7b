#include "commissioning/setup.hpp"

#include "commissioning/flash_write.hpp"
#include "commissioning/module_facts.hpp"
#include "protocol/label.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;
using protocol::SensorClass;

namespace {

/// What a module has of the things that a Setup names.
struct Present {
  SensorClass sensor_class = SensorClass::unset;
  std::array<std::uint8_t, max_channels> ct_models{};
  std::uint8_t fleet = 0;
  std::uint8_t group = 0;
  protocol::LabelBytes label{};

  [[nodiscard]] bool listens() const { return protocol::FleetConfig{fleet}.has(protocol::FleetBit::gc_enable); }
};

Result<Present> read_present(const ModuleLink& module) {
  Present present;
  const auto sensor_class = module.read_twice<1>(reg::sensor_class);
  if (!sensor_class) return failure(sensor_class.error());
  present.sensor_class = static_cast<SensorClass>((*sensor_class)[0]);
  const auto models = module.read_twice<max_channels>(reg::ct_model_ch0);
  if (!models) return failure(models.error());
  present.ct_models = *models;
  const auto fleet = module.read_twice<2>(reg::fleet_config);
  if (!fleet) return failure(fleet.error());
  present.fleet = (*fleet)[0];
  present.group = (*fleet)[1];
  const auto label = module.read_twice<reg::label_size>(reg::label);
  if (!label) return failure(label.error());
  present.label = *label;
  return present;
}

/// What can never be, before anything is written.
Result<void> check(const ModuleLink& module, const Setup& setup, const Present& present) {
  const auto sensor_class = setup.sensor_class.value_or(present.sensor_class);
  if (static_cast<std::uint8_t>(sensor_class) > static_cast<std::uint8_t>(SensorClass::builtin_ct))
    return failure(Errc::request_invalid, Remedy::give_up, "there is no such sensor class");
  for (std::size_t i = 0; i < max_channels; ++i) {
    if (!setup.ct_models.at(i)) continue;
    const ChannelIndex channel{static_cast<std::uint8_t>(i)};
    if (const auto writes = protocol::bind_ct_writes(module.variant(), channel, *setup.ct_models.at(i)); !writes)
      return failure(as_request(writes.error()));
    if (sensor_class == SensorClass::unset) {
      return failure(Errc::request_invalid, Remedy::give_up,
                     module.name() +
                         " has no sensor class yet, and takes no current transformer without: set it up with rbampctl "
                         "provision, or set class first");
    }
    if (auto allowed = protocol::check_ct_model(sensor_class, *setup.ct_models.at(i), setup.allow_uncharacterised); !allowed)
      return failure(as_request(allowed.error()));
  }
  if (setup.label) {
    if (const auto encoded = protocol::encode_label(*setup.label); !encoded) return failure(as_request(encoded.error()));
  }
  return {};
}

std::string in_quotes(const std::string& text) { return text.empty() ? "none" : "\"" + text + "\""; }

std::vector<SettingChange> differences(const Setup& setup, const Present& present) {
  std::vector<SettingChange> changes;
  if (setup.sensor_class && *setup.sensor_class != present.sensor_class)
    changes.push_back(
        {"sensor class", std::string{to_string(present.sensor_class)}, std::string{to_string(*setup.sensor_class)}});
  for (std::size_t i = 0; i < max_channels; ++i) {
    const auto& wish = setup.ct_models.at(i);
    if (wish && *wish != present.ct_models.at(i))
      changes.push_back({"CT of channel " + std::to_string(i), ct_name(present.ct_models.at(i)), ct_name(*wish)});
  }
  if (setup.listens_to_broadcast && *setup.listens_to_broadcast != present.listens())
    changes.push_back({"broadcast latches", present.listens() ? "on" : "off", *setup.listens_to_broadcast ? "on" : "off"});
  if (setup.group && *setup.group != present.group)
    changes.push_back({"broadcast group", std::to_string(present.group), std::to_string(*setup.group)});
  if (setup.label && protocol::encode_label(*setup.label).value() != present.label)
    changes.push_back({"label", in_quotes(protocol::decode_label(present.label)), in_quotes(*setup.label)});
  return changes;
}

/// Writes one setup, remembering what is in RAM already, for the words of an error.
class Writer {
 public:
  Writer(const ModuleLink& module, const Setup& setup, const Present& present)
      : module_(module), setup_(setup), present_(present) {}

  Result<void> write() {
    auto done = write_class().and_then([this] { return write_ct_models(); }).and_then([this] { return write_fleet(); });
    if (done) done = write_label();
    if (done || !has_written_) return done;
    return failure(half_done(done.error(), "Some settings are in its RAM, nothing is stored",
                             "rbampctl reset " + to_string(module_.address()) + " takes them back, then try again"));
  }

 private:
  Result<void> store(protocol::RegisterWrite write, std::string_view what) {
    has_written_ = true;  // also when it fails: it may have arrived
    return module_.write(write, what);
  }

  Result<void> write_class() {
    if (!setup_.sensor_class || *setup_.sensor_class == present_.sensor_class) return {};
    return store(protocol::sensor_class_write(*setup_.sensor_class), "the sensor class");
  }

  Result<void> write_ct_models() {
    const bool is_new_class = setup_.sensor_class && *setup_.sensor_class != present_.sensor_class;
    for (std::size_t i = 0; i < max_channels; ++i) {
      const auto& wish = setup_.ct_models.at(i);
      if (!wish || (*wish == present_.ct_models.at(i) && !is_new_class)) continue;
      const ChannelIndex channel{static_cast<std::uint8_t>(i)};
      const std::string what = "the CT " + ct_name(*wish) + " for channel " + std::to_string(i);
      const auto writes = protocol::bind_ct_writes(module_.variant(), channel, *wish).value();  // checked before
      if (auto staged = store(writes[0], what); !staged) return staged;
      if (auto bound = module_.command(static_cast<protocol::Command>(writes[1].value), what); !bound) return bound;
      const auto mirror = module_.read_twice<1>(protocol::ct_mirror(channel));
      if (!mirror) return failure(mirror.error());
      if ((*mirror)[0] != *wish) {
        return failure(Errc::rejected, Remedy::give_up,
                       module_.name() + " did not take " + what + ": it shows " + ct_name((*mirror)[0]));
      }
    }
    return {};
  }

  Result<void> write_fleet() {
    constexpr auto enable = static_cast<std::uint8_t>(protocol::FleetBit::gc_enable);
    if (setup_.listens_to_broadcast && *setup_.listens_to_broadcast != present_.listens()) {
      const unsigned value = *setup_.listens_to_broadcast ? present_.fleet | enable : present_.fleet & ~unsigned{enable};
      if (auto done = store({reg::fleet_config, static_cast<std::uint8_t>(value)}, "the broadcast switch"); !done) return done;
    }
    if (setup_.group && *setup_.group != present_.group) return store({reg::group_id, *setup_.group}, "the broadcast group");
    return {};
  }

  Result<void> write_label() {
    if (!setup_.label) return {};
    const auto wanted = protocol::encode_label(*setup_.label).value();  // checked before
    const auto writes = protocol::label_writes(wanted);
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (wanted.at(i) == present_.label.at(i)) continue;
      if (auto done = store(writes.at(i), "the label"); !done) return done;
    }
    return {};
  }

  const ModuleLink& module_;
  const Setup& setup_;
  const Present& present_;
  bool has_written_ = false;
};

void tell(const Progress& progress, const std::string& words) {
  if (progress) progress(words);
}

}  // namespace

std::string ct_name(std::uint8_t code) {
  if (code == 0) return "unset";
  const auto* model = protocol::find_ct_model(code);
  return model == nullptr ? "model " + std::to_string(code) : std::string{model->name};
}

Result<std::vector<SettingChange>> plan_setup(const ModuleLink& module, const Setup& setup) {
  const auto present = read_present(module);
  if (!present) return failure(present.error());
  if (auto checked = check(module, setup, *present); !checked) return failure(checked.error());
  return differences(setup, *present);
}

Result<void> write_setup(const ModuleLink& module, const Setup& setup, const Progress& progress) {
  const auto present = read_present(module);
  if (!present) return failure(present.error());
  if (auto checked = check(module, setup, *present); !checked) return checked;
  if (auto written = Writer{module, setup, *present}.write(); !written) return written;
  if (auto verified = verify_setup(module, setup); !verified) {
    return failure(half_done(verified.error(), "Some settings are in its RAM, nothing is stored",
                             "rbampctl reset " + to_string(module.address()) + " takes them back, then try again"));
  }
  for (const auto& change : differences(setup, *present))
    tell(progress, change.setting + ": " + change.before + " -> " + change.after + ", written and read back");
  return {};
}

Result<void> verify_setup(const ModuleLink& module, const Setup& setup) {
  const auto left = plan_setup(module, setup);
  if (!left) return failure(left.error());
  if (left->empty()) return {};
  std::string words;
  for (const auto& change : *left)
    words += (words.empty() ? "" : ", ") + change.setting + " is " + change.before + " instead of " + change.after;
  return failure(Errc::rejected, Remedy::give_up, module.name() + " does not have what was written: " + words);
}

Result<ModuleLink> apply_setup(const ModuleLink& module, const Setup& setup, const BeforeReset& before_reset,
                               const Progress& progress) {
  const auto changes = plan_setup(module, setup);
  if (!changes) return failure(changes.error());
  if (changes->empty()) return module;
  const std::string at = to_string(module.address());
  if (auto written = write_setup(module, setup, progress); !written) return failure(written.error());
  if (auto saved = write_flash(module, protocol::Command::save_user_config); !saved) {
    return failure(half_stored(module, saved.error(), "The settings are in its RAM",
                               "rbampctl reset " + at + " shows what is stored; then try again"));
  }
  tell(progress, "stored in its flash");
  auto back = reboot(module, module.address(), before_reset);
  if (!back) {
    return failure(half_stored(module, back.error(), "The settings are in its RAM and were stored, which only a reset proves",
                               "rbampctl reset " + at + ", then rbampctl info " + at + ", show what it has"));
  }
  if (auto verified = verify_setup(*back, setup); !verified) {
    return failure(half_done(verified.error(), "It was reset and shows what its flash holds",
                             "Try again; when it stays so, the flash is worn out and the module must be replaced"));
  }
  tell(progress, "reset, and read again: all as stored");
  if (auto cleared = clear_own_flags(*back); !cleared) return failure(cleared.error());
  return back;
}

Result<void> clear_own_flags(const ModuleLink& module) {
  using protocol::Event;
  return fleet::acknowledge(module.bus(), module.address(), protocol::Events{Event::config_changed} | Event::error);
}

}  // namespace rbamp::commissioning
