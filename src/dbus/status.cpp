#include "dbus/status.hpp"

namespace rbamp::dbus {

std::string_view to_string(Health health) noexcept {
  switch (health) {
    case Health::healthy: return "healthy";
    case Health::degraded: return "degraded";
    case Health::failed: return "failed";
  }
  return "unknown";
}

std::optional<Health> health_from(std::string_view word) noexcept {
  for (const auto health : {Health::healthy, Health::degraded, Health::failed}) {
    if (to_string(health) == word) return health;
  }
  return std::nullopt;
}

}  // namespace rbamp::dbus
