#include "ctl/meter_change_command.hpp"

#include "config/suggestion.hpp"
#include "ctl/channel_choice.hpp"
#include "ctl/correction_dialog.hpp"
#include "ctl/energy_text.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  std::string module;
  std::string channel;
  std::string new_uid;
  std::string reading;
  std::string export_reading;
  std::string reason;
  bool yes = false;
};

Result<std::optional<metering::RegisterChange>> change_to(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto amount = parse_kwh(text);
  if (!amount) return failure(amount.error());
  return metering::RegisterChange{metering::RegisterChange::Kind::to, *amount};
}

/// The channels that the change is about: the one that is named, or all that the module is metered with.
Result<std::vector<std::string>> channels_of(Context& context, const Options& options) {
  if (!options.channel.empty()) return std::vector<std::string>{options.channel};
  const auto configuration = context.config();
  if (!configuration) return failure(configuration.error());
  const auto reader = context.open_ledger();
  if (!reader) return failure(reader.error());
  const auto all = (*reader)->channels();
  if (!all) return failure(all.error());
  if (const auto known = choose_channels(*all, **configuration, {options.module, {}, {}}); !known) return failure(known.error());
  const auto request = (*reader)->account_request(options.module);
  if (!request) return failure(request.error());
  std::vector<std::string> names;
  if (*request) {
    for (const auto& channel : (*request)->channels) names.push_back(channel.id);
  }
  return names;
}

Result<CorrectionOrder> order_of(Context& context, const Options& options) {
  CorrectionOrder order;
  order.module = options.module;
  order.request.note = options.reason;
  order.request.reason = options.new_uid.empty() ? metering::Reason::meter_takeover : metering::Reason::meter_changed;
  if (!options.new_uid.empty()) {
    order.new_chip = ModuleUid::parse(options.new_uid);
    if (!order.new_chip) {
      return failure(
          Errc::request_invalid, Remedy::give_up,
          config::in_quotes(options.new_uid) + " is no UID: it has 24 hexadecimal digits, as rbampctl scan shows them");
    }
  }
  const auto energy_import = change_to(options.reading);
  if (!energy_import) return failure(energy_import.error());
  const auto energy_export = change_to(options.export_reading);
  if (!energy_export) return failure(energy_export.error());
  const auto channels = channels_of(context, options);
  if (!channels) return failure(channels.error());
  const bool has_reading = *energy_import || *energy_export;
  if (has_reading && channels->size() != 1) {
    return failure(Errc::request_invalid, Remedy::give_up,
                   "\"" + options.module + "\" has several channels; say which one has this reading with --channel");
  }
  for (const auto& channel : *channels) order.request.channels.push_back({channel, *energy_import, *energy_export});
  return order;
}

int meter_change(const Options& options, Context& context) {
  if (options.new_uid.empty() && options.reading.empty() && options.export_reading.empty())
    return context.refuse("say what changed: --new-uid UID, --reading KWH, --export-reading KWH, or several of them");
  const auto order = order_of(context, options);
  if (!order) return context.fail(order.error());
  return carry_out(context, *order, options.yes);
}

}  // namespace

void add_meter_change_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"meter-change", "Note another chip in the same place, or set a register to the reading of another meter",
                "rbampctl meter-change mains --reading 48213.7 --reason \"utility's meter at the take-over on 2026-11-01\"\n"
                "rbampctl meter-change mains --new-uid 3a0041000f51353032363437 --reason \"chip was hit by lightning\""},
               [options](Context& context) { return meter_change(*options, context); });
  command.add_option("MODULE", options->module, "Which module").required().type_name("");
  command.add_option("--channel", options->channel, "Which channel (default: the only one)").type_name("CHANNEL");
  command.add_option("--new-uid", options->new_uid, "UID of the chip that meters the place from now on").type_name("UID");
  command.add_option("--reading", options->reading, "Set the import register to this value").type_name("KWH");
  command.add_option("--export-reading", options->export_reading, "Set the export register to this value").type_name("KWH");
  command.add_option("--reason", options->reason, "Why, in words; stays in the ledger").required().type_name("TEXT");
  command.add_flag("--yes", options->yes, "Do not ask");
}

}  // namespace rbamp::ctl
