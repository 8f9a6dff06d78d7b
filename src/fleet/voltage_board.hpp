// The newest voltage of each metered place: what modules without a voltage input are metered with. Loop thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "units/units.hpp"

namespace rbamp::fleet {

/// Voltages are kept however old they are: the mains stays within a few percent, and what is worked out with it is an estimate anyway.
class VoltageBoard {
 public:
  void note(const std::string& module_id, Volts voltage) { newest_.insert_or_assign(module_id, voltage); }
  /// nullopt: never seen.
  [[nodiscard]] std::optional<Volts> find(const std::string& module_id) const {
    const auto found = newest_.find(module_id);
    return found == newest_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  std::map<std::string, Volts> newest_;
};

}  // namespace rbamp::fleet
