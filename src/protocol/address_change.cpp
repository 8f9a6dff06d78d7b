#include "protocol/address_change.hpp"

namespace rbamp::protocol {

Result<void> check_module_address(I2cAddress address) {
  if (address.is_module_address()) return {};
  return failure(Errc::config_invalid, Remedy::give_up, to_string(address) + " is no address for a module: 0x08 to 0x77 are");
}

Result<std::array<RegisterWrite, 3>> address_change_writes(I2cAddress to) {
  if (auto allowed = check_module_address(to); !allowed) return failure(std::move(allowed.error()));
  return std::array{
      RegisterWrite{reg::i2c_address, to.value()},
      RegisterWrite{reg::addr_commit_magic, magic},
      command_write(Command::commit_addr),
  };
}

}  // namespace rbamp::protocol
