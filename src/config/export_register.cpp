#include "config/export_register.hpp"

#include <string>

#include "base/ids.hpp"
#include "protocol/export_register.hpp"

namespace rbamp::config {

void read_export_register(TableReader& table, std::optional<std::uint8_t>& into) {
  std::uint8_t first = 0;
  table.integer("export_register", first, 0, protocol::last_export_register);
  if (!table.has("export_register") || table.is_wrong("export_register")) return;
  if (const auto what = protocol::named_register_in_export_block(first); !what.empty()) {
    table.complain("export_register", "the 12 bytes from " + to_string(I2cAddress{first}) + " on hold " + std::string{what} +
                                          " on every module that is known: take the address from the papers of the firmware");
    return;
  }
  into = first;
}

}  // namespace rbamp::config
