#include "commissioning/address_move.hpp"

#include "commissioning/flash_write.hpp"
#include "commissioning/solitude.hpp"
#include "protocol/address_change.hpp"

namespace rbamp::commissioning {

namespace reg = protocol::reg;

namespace {

constexpr std::string_view nothing_moved = "It still answers at its old address, and nothing is stored";

/// The writes before the flash command. The staged address is forgotten at the next reset, so that an error here changes nothing.
Result<void> stage(const ModuleLink& module, I2cAddress to) {
  const auto writes = protocol::address_change_writes(to);
  if (!writes) return failure(as_request(writes.error()));
  if (auto staged = module.write((*writes)[0], "the address " + to_string(to)); !staged) return staged;
  return module.write((*writes)[1], "the permission to change its address");
}

Result<void> prove(const ModuleLink& there, I2cAddress from) {
  const auto address = there.read_twice<1>(reg::i2c_address);
  if (!address) return failure(address.error());
  if (I2cAddress{(*address)[0]} != there.address()) {
    return failure(Errc::rejected, Remedy::give_up,
                   there.name() + " answers, but says that its address is " + to_string(I2cAddress{(*address)[0]}) +
                       ": reset it with rbampctl reset " + to_string(there.address()) + " and look with rbampctl scan");
  }
  if (comes_back(there.bus(), from, Microseconds::zero())) {
    return failure(Errc::wrong_module, Remedy::give_up,
                   "the module moved to " + to_string(there.address()) + ", and somebody still answers at " + to_string(from) +
                       ": there were two modules. Connect one at a time and look with rbampctl scan");
  }
  return {};
}

}  // namespace

Result<void> check_move(const ModuleLink& module, I2cAddress to) {
  if (auto allowed = protocol::check_module_address(to); !allowed) return failure(as_request(allowed.error()));
  if (to == module.address()) {
    return failure(Errc::request_invalid, Remedy::give_up, module.name() + " is at this address already");
  }
  if (auto is_free = check_free(module.bus(), to); !is_free) return is_free;
  return check_alone(module);
}

Result<ModuleLink> move_module(const ModuleLink& module, I2cAddress to, const BeforeReset& before_reset,
                               const Progress& progress) {
  if (auto possible = check_move(module, to); !possible) return failure(possible.error());
  const I2cAddress from = module.address();
  if (auto staged = stage(module, to); !staged) return failure(half_done(staged.error(), nothing_moved, "Try again"));
  if (auto committed = write_flash(module, protocol::Command::commit_addr); !committed) {
    return failure(half_stored(module, committed.error(), "Until its next reset it answers at its old address",
                               "rbampctl reset " + to_string(from) + " and rbampctl scan show where it is; then try again"));
  }
  if (progress) progress("address " + to_string(to) + " stored in its flash");
  auto there = reboot(module, to, before_reset);
  if (!there) {
    return failure(half_stored(module, there.error(),
                               "The address " + to_string(to) + " is stored and holds from its next reset on",
                               "rbampctl scan shows where it is; rbampctl reset " + to_string(from) + " completes the move"));
  }
  if (auto proven = prove(*there, from); !proven) return failure(proven.error());
  if (auto cleared = clear_own_flags(*there); !cleared) return failure(cleared.error());
  if (progress) progress("reset: it answers at " + to_string(to) + ", and " + to_string(from) + " is silent");
  return there;
}

}  // namespace rbamp::commissioning
