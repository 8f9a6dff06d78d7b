#include "ctl/module_choice.hpp"

#include <algorithm>
#include <charconv>

#include "commissioning/bus_scan.hpp"

namespace rbamp::ctl {
namespace {

std::vector<protocol::Variant> variants() {
  std::vector<protocol::Variant> all;
  for (std::uint8_t code = 1; const auto variant = protocol::variant_of(code); ++code) all.push_back(*variant);
  return all;
}

std::optional<protocol::Variant> variant_named(const std::string& name) {
  for (const auto variant : variants()) {
    if (to_string(variant) == name) return variant;
  }
  return std::nullopt;
}

bool is_number(const std::string& text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

/// "m" and 8 hex digits, or 24 of them: an id that only the chip itself can confirm.
bool may_be_uid(const std::string& text) {
  constexpr std::size_t default_id_size = 9;
  return ModuleUid::parse(text).has_value() || (text.size() == default_id_size && text.front() == 'm');
}

std::string what_there_is(const BusAccess& access) {
  std::string text;
  for (const auto& module : access.modules()) text += (text.empty() ? "" : ", ") + module.id;
  return text.empty() ? "the configuration names no module on it; rbampctl scan shows who is there"
                      : "it has " + text + "; or give an address such as 0x50";
}

}  // namespace

void add_module_argument(Arguments command, std::string& module) {
  command.add_option("MODULE", module, "Which module: address such as 0x50, or id of the configuration").required().type_name("");
}

void add_module_arguments(Arguments command, std::vector<std::string>& modules) {
  command.add_option("MODULE", modules, "Which modules: address such as 0x50, or id of the configuration").type_name("");
}

Result<I2cAddress> parse_module_address(const std::string& text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (is_hex ? 2 : 0);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value, is_hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size())
    return failure(Errc::request_invalid, Remedy::give_up, "\"" + text + "\" is no address; write it like 0x50");
  const I2cAddress address{static_cast<std::uint8_t>(std::min(value, 0xFFU))};
  if (!address.is_module_address())
    return failure(Errc::request_invalid, Remedy::give_up, text + " is no address for a module: 0x08 to 0x77 are");
  return address;
}

Result<I2cAddress> find_module(BusAccess& access, const std::string& text) {
  for (const auto& module : access.modules()) {
    if (module.id == text) return module.address;
  }
  if (may_be_uid(text)) {
    const auto scan = commissioning::scan_bus(access.station());
    if (!scan) return failure(scan.error());
    for (const auto& answer : scan->answers) {
      if (!answer.is_module()) continue;
      const auto& uid = answer.look->chip.identity.uid;
      if (text == default_module_id(uid) || ModuleUid::parse(text) == uid) return answer.address;
    }
  } else if (is_number(text)) {
    return parse_module_address(text);
  }
  return failure(Errc::request_invalid, Remedy::give_up,
                 "there is no module \"" + text + "\" on bus \"" + access.name() + "\": " + what_there_is(access));
}

Result<commissioning::ModuleLink> open_module(BusAccess& access, const std::string& text) {
  const auto address = find_module(access, text);
  if (!address) return failure(address.error());
  return commissioning::ModuleLink::open(access.station(), *address);
}

Result<std::vector<I2cAddress>> find_modules(BusAccess& access, const std::vector<std::string>& names) {
  std::vector<I2cAddress> found;
  for (const auto& name : names) {
    const auto address = find_module(access, name);
    if (!address) return failure(address.error());
    found.push_back(*address);
  }
  if (!names.empty()) return found;
  const auto scan = commissioning::scan_bus(access.station());
  if (!scan) return failure(scan.error());
  for (const auto& answer : scan->answers) {
    if (answer.is_module()) found.push_back(answer.address);
  }
  if (!found.empty()) return found;
  return failure(Errc::bus_nack, Remedy::give_up,
                 "no rbAmp answers on bus \"" + access.name() + "\" (" + access.description() +
                     "): check supply and wiring; rbampctl scan shows who does");
}

std::vector<std::string> variant_names() {
  std::vector<std::string> names;
  for (const auto variant : variants()) names.emplace_back(to_string(variant));
  return names;
}

void add_legacy_option(Arguments command, std::string& variant) {
  command
      .add_option("--legacy", variant,
                  "MODULE has firmware before v1.3, which cannot tell what it is, and is of this variant: UI1 to UI3, I1 to I3")
      .type_name("VARIANT");
}

Result<commissioning::LiveFeed> open_feed(BusAccess& access, I2cAddress address, const std::string& legacy) {
  if (legacy.empty()) return commissioning::LiveFeed::open(access.station(), address);
  const auto variant = variant_named(legacy);
  if (!variant)
    return failure(Errc::request_invalid, Remedy::give_up, "\"" + legacy + "\" is no variant: UI1, UI2, UI3, I1, I2 or I3");
  auto module = commissioning::ModuleLink::open_declared(access.station(), address, *variant);
  if (!module) return failure(std::move(module.error()));
  return commissioning::LiveFeed::open(std::move(*module));
}

LiveRow row_of(const BusAccess& access, const commissioning::ModuleLink& module) {
  const auto& identity = module.identity();
  LiveRow row;
  row.address = module.address();
  row.variant = identity.variant;
  if (module.is_identified()) {
    row.id = id_of(access, row.address, identity.uid);
    row.uid = identity.uid;
  } else {
    const auto* configured = access.configured_at(row.address);
    row.id = configured != nullptr ? configured->id : to_string(row.address);
  }
  return row;
}

std::string id_of(const BusAccess& access, I2cAddress address, const ModuleUid& uid) {
  const auto* configured = access.configured_at(address);
  return configured != nullptr ? configured->id : default_module_id(uid);
}

}  // namespace rbamp::ctl
