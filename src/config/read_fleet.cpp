// [[bus]] and [[module]]
#include <limits>

#include "config/export_register.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"
#include "config/text_rules.hpp"

namespace rbamp::config {
namespace {

constexpr std::uint32_t highest_line = 65535;

std::string gpio_chip(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.find('/') == std::string_view::npos || text.starts_with("/dev/")) return {};
  return in_quotes(text) + " must be a name such as \"gpiochip0\" or a path below /dev";
}

void read_line(TableReader& table, DrdyLine& drdy) {
  const auto* found = table.node("line");
  if (found == nullptr) return;
  if (const auto* offset = std::get_if<std::int64_t>(&found->value)) {
    if (*offset < 0 || *offset > highest_line) {
      table.complain("line",
                     std::to_string(*offset) + " is out of range: an offset must be from 0 to " + std::to_string(highest_line));
    } else {
      drdy.offset = static_cast<unsigned>(*offset);
    }
    if (!table.has("chip")) {
      table.complain(
          "line", "an offset needs its chip as well, such as { chip = \"gpiochip0\", line = " + std::to_string(*offset) + " }");
    }
  } else if (const auto* name = std::get_if<std::string>(&found->value)) {
    drdy.line_name = *name;
    if (name->empty()) table.complain("line", "must not be empty");
  } else {
    table.complain("line", "must be an offset such as 15, or the name of a line in quotes such as \"GPIO15\"");
  }
}

void read_drdy(TableReader& table, DrdyLine& drdy) {
  table.text("chip", drdy.chip, gpio_chip);
  read_line(table, drdy);
  table.require("line", "line = 15");
}

void read_channel(TableReader& table, Channel& channel) {
  std::uint8_t index = 0;
  table.integer("index", index, 0, max_channels - 1);
  channel.index = ChannelIndex{index};
  table.require("index", "index = 0");
  table.text("id", channel.id, topic_id);
  table.text("name", channel.name, display_name);
  table.boolean("invert", channel.invert);
}

}  // namespace

void read_bus(TableReader& table, Bus& bus) {
  table.text("name", bus.name, plain_id);
  table.choice("driver", bus.driver, {{"i2c-dev", BusDriver::i2c_dev}, {"simulator", BusDriver::simulator}});
  table.text("device", bus.device, absolute_path);
  table.choice("latch", bus.latch,
               {{"auto", LatchMode::automatic}, {"broadcast", LatchMode::broadcast}, {"sequential", LatchMode::sequential}});
  table.table("drdy", [&bus](TableReader& inner) { read_drdy(inner, bus.drdy.emplace()); });
}

void read_module(TableReader& table, Module& module) {
  table.text("id", module.id, topic_id);
  table.require("id", "id = \"mains\"");
  table.text("bus", module.bus, plain_id);
  table.address("address", module.address);
  table.require("address", "address = 0x50");
  table.text("name", module.name, display_name);
  table.choice("role", module.role,
               {{"grid", metering::Role::grid},
                {"solar", metering::Role::solar},
                {"battery", metering::Role::battery},
                {"load", metering::Role::load},
                {"other", metering::Role::other}});
  std::string uid;
  table.text("uid", uid, uid_or_empty);
  module.uid = ModuleUid::parse(uid);
  table.text("voltage_from", module.voltage_from, topic_id);
  table.number("power_factor", module.power_factor, 0.1, 1.0);
  if (table.has("power_factor") && !table.has("voltage_from"))
    table.complain("power_factor", "has an effect only with voltage_from: modules with a voltage input measure it");
  read_export_register(table, module.export_register);
  table.table("drdy", [&module](TableReader& inner) { read_drdy(inner, module.drdy.emplace()); });
  table.each("channel", [&module](TableReader& inner) { read_channel(inner, module.channels.emplace_back()); });
}

}  // namespace rbamp::config
