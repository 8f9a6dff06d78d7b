#include "dbus/request.hpp"

#include "config/suggestion.hpp"
#include "config/text_rules.hpp"

namespace rbamp::dbus {
namespace {

constexpr std::size_t longest_id = 64;

tl::unexpected<Error> refusal(std::string words) { return failure(Errc::request_invalid, Remedy::give_up, std::move(words)); }

Result<std::string> checked_reason(std::string text) {
  if (text.empty()) return refusal("a correction needs its reason in words: it stays in the ledger for ever");
  if (text.size() > metering::longest_correction_note) {
    return refusal("the reason is longer than " + std::to_string(metering::longest_correction_note) + " bytes; say it shorter");
  }
  return text;
}

Result<MicroWattHours> checked_amount(const std::string& what, std::int64_t amount, std::int64_t least) {
  if (amount < least)
    return refusal("the " + what + " is less than " + std::to_string(least) + " micro-watt-hours; is the unit right?");
  if (amount > metering::greatest_register.value())
    return refusal("the " + what + " is more than a register holds; is the unit right? It is the micro-watt-hour");
  return MicroWattHours{amount};
}

/// What Home Assistant allows in a topic of its own.
bool is_object_id(const std::string& text) {
  constexpr std::size_t longest = 128;
  return !text.empty() && text.size() <= longest &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string::npos;
}

/// The value of a key, if it has the type that the contract gives it.
template <class T>
Result<T> value_of(const std::string& key, const sdbus::Variant& value, const std::string& type) {
  if (!value.containsValueOfType<T>()) return refusal("the value of " + key + " has the wrong type; it must be " + type);
  return value.get<T>();
}

Result<void> take_register(std::optional<MicroWattHours>& into, const std::string& key, const sdbus::Variant& value) {
  const auto number = value_of<std::int64_t>(key, value, "x, a 64-bit integer");
  if (!number) return failure(number.error());
  const auto amount = checked_amount("value of " + key, *number, 0);
  if (!amount) return failure(amount.error());
  into = *amount;
  return {};
}

Result<void> take_key(MeterChangeRequest& request, const std::string& key, const sdbus::Variant& value) {
  if (key == "ImportUwh") return take_register(request.energy_import, key, value);
  if (key == "ExportUwh") return take_register(request.energy_export, key, value);
  if (key != "Channel" && key != "NewUid") {
    return refusal(config::in_quotes(key.substr(0, longest_id)) +
                   " is no key of a meter change; there are Channel, ImportUwh, ExportUwh and NewUid");
  }
  const auto text = value_of<std::string>(key, value, "s, a text");
  if (!text) return failure(text.error());
  if (key == "Channel") {
    auto channel = checked_id("the channel", *text);
    if (!channel) return failure(channel.error());
    request.channel = std::move(*channel);
    return {};
  }
  request.new_chip = ModuleUid::parse(*text);
  if (!request.new_chip) return refusal("NewUid is no UID: it has 24 hexadecimal digits, as rbampctl scan shows them");
  return {};
}

}  // namespace

Result<std::string> checked_id(const std::string& what, std::string text) {
  if (text.size() > longest_id) {  // asked first: what is that long is not worth repeating
    return refusal(what + " has a name of more than " + std::to_string(longest_id) + " characters, which none has");
  }
  if (const auto words = config::plain_id(text); !words.empty()) return refusal(what + " " + words);
  return text;
}

Result<AdjustRequest> checked_adjustment(std::string module, std::string channel, std::int64_t import_uwh,
                                         std::int64_t export_uwh, std::string reason) {
  AdjustRequest request;
  auto place = checked_id("the module", std::move(module));
  if (!place) return failure(place.error());
  request.place = std::move(*place);
  auto id = checked_id("the channel", std::move(channel));
  if (!id) return failure(id.error());
  request.channel = std::move(*id);
  const auto least = -metering::greatest_register.value();
  const auto energy_import = checked_amount("amount for the import register", import_uwh, least);
  if (!energy_import) return failure(energy_import.error());
  request.energy_import = *energy_import;
  const auto energy_export = checked_amount("amount for the export register", export_uwh, least);
  if (!energy_export) return failure(energy_export.error());
  request.energy_export = *energy_export;
  if (import_uwh == 0 && export_uwh == 0) return refusal("both amounts are 0: say by how many micro-watt-hours");
  auto note = checked_reason(std::move(reason));
  if (!note) return failure(note.error());
  request.reason = std::move(*note);
  return request;
}

Result<MeterChangeRequest> checked_meter_change(std::string module, const Dictionary& change, std::string reason) {
  MeterChangeRequest request;
  auto place = checked_id("the module", std::move(module));
  if (!place) return failure(place.error());
  request.place = std::move(*place);
  for (const auto& [key, value] : change) {
    if (auto taken = take_key(request, key, value); !taken) return failure(taken.error());
  }
  if (!request.new_chip && !request.energy_import && !request.energy_export)
    return refusal("say what changed: NewUid, ImportUwh, ExportUwh, or several of them");
  auto note = checked_reason(std::move(reason));
  if (!note) return failure(note.error());
  request.reason = std::move(*note);
  return request;
}

Result<AdoptRequest> checked_adoption(std::string module, std::string node, std::map<std::string, std::string> pairs,
                                      bool trial) {
  constexpr std::size_t most_pairs = 64;
  auto place = checked_id("the module", std::move(module));
  if (!place) return failure(place.error());
  if (!is_object_id(node)) return refusal("the node id must be 1 to 128 letters, digits, _ or -, as it stands in the topics");
  if (pairs.size() > most_pairs) return refusal("more pairs than a module has entities");
  for (const auto& [ours, theirs] : pairs) {
    if (!is_object_id(ours) || (!theirs.empty() && !is_object_id(theirs)))
      return refusal("a pair is our entity and their object id, each of letters, digits, _ and -");
  }
  return AdoptRequest{std::move(*place), std::move(node), std::move(pairs), trial};
}

Result<BusTransfer> checked_transfer(std::uint8_t address, std::vector<std::uint8_t> write, std::uint32_t read_length) {
  BusTransfer transfer;
  transfer.address = I2cAddress{address};
  if (!transfer.address.is_module_address() && transfer.address != general_call)
    return refusal(to_string(transfer.address) + " is no address of a module: those are 0x08 to 0x77");
  const std::string limit = std::to_string(longest_transfer) + " bytes";
  if (write.empty()) return refusal("there is nothing to write: give the register to read from, or what to write");
  if (write.size() > longest_transfer) return refusal("more than " + limit + " in one write; write in parts");
  if (read_length > longest_transfer) return refusal("more than " + limit + " in one read; read in parts");
  if (read_length > 0 && write.size() != 1) return refusal("a read begins with one byte, the register; write the rest before");
  transfer.write = std::move(write);
  transfer.read_length = read_length;
  return transfer;
}

}  // namespace rbamp::dbus
