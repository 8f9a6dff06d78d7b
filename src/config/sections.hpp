// The tables of the document, one function each, and what must hold between them.
#pragma once

#include "config/draft.hpp"
#include "config/table_reader.hpp"

namespace rbamp::config {

void read_daemon(TableReader& table, Daemon& daemon);
void read_storage(TableReader& table, Storage& storage);
void read_mqtt(TableReader& table, Mqtt& mqtt);
void read_homeassistant(TableReader& table, HomeAssistant& homeassistant);
void read_bus(TableReader& table, Bus& bus);
void read_module(TableReader& table, Module& module);
void read_events(TableReader& table, metering::EventSettings& events);
void read_demand(TableReader& table, Demand& demand);
void read_simulator(TableReader& table, Simulator& simulator);
void read_simulated_fault(TableReader& table, SimulatedFault& fault);

/// The whole document: calls all of the above.
void read_document(Draft& draft, const Table& document);

/// Fills in what follows from other keys, then complains about keys that contradict each other. Once, after the last document.
void complete(Draft& draft);
void check_daemon(Draft& draft);
void check_mqtt(Draft& draft);
void check_fleet(Draft& draft);
void check_events(Draft& draft);
void check_simulator(Draft& draft);

/// What every reading would ask for: known keys and titles.
[[nodiscard]] const Draft& key_listing();

}  // namespace rbamp::config
