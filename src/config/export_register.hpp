// The key `export_register` of a module, real or simulated.
#pragma once

#include <cstdint>
#include <optional>

#include "config/table_reader.hpp"

namespace rbamp::config {

/// The first of three registers on page 0; one that lies on registers of another meaning is complained about.
void read_export_register(TableReader& table, std::optional<std::uint8_t>& into);

}  // namespace rbamp::config
