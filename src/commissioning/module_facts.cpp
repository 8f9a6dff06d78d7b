#include "commissioning/module_facts.hpp"

#include <algorithm>

namespace rbamp::commissioning {

namespace reg = protocol::reg;

Result<ModuleFacts> describe(const ModuleLink& module) {
  ModuleFacts facts;
  facts.identity = module.identity();
  facts.bytewise = module.dialect().bytewise;
  const auto state = module.read<protocol::state_size>(protocol::state_start);
  if (!state) return failure(state.error());
  facts.state = protocol::decode_state(*state);
  const auto settings = module.read<protocol::settings_size>(protocol::settings_start);
  if (!settings) return failure(settings.error());
  facts.settings = protocol::decode_settings(*settings);
  const auto evidence = module.read<protocol::evidence_size>(protocol::evidence_start);
  if (!evidence) return failure(evidence.error());
  facts.evidence = protocol::decode_evidence(*evidence);

  const auto models = module.read_twice<max_channels>(reg::ct_model_ch0);
  if (!models) return failure(models.error());
  facts.evidence.ct_models = *models;
  const auto tick = module.read_twice<protocol::gc_tick_size>(reg::gc_tick);
  if (!tick) return failure(tick.error());
  facts.evidence.gc_tick = protocol::decode_gc_tick(*tick);
  const auto address = module.read_twice<1>(reg::i2c_address);
  if (!address) return failure(address.error());
  facts.settings.address = I2cAddress{(*address)[0]};
  facts.evidence.address = facts.settings.address;
  return facts;
}

}  // namespace rbamp::commissioning
