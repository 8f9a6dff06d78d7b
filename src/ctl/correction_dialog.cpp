#include "ctl/correction_dialog.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/channel_choice.hpp"
#include "ctl/energy_text.hpp"
#include "ctl/json_text.hpp"
#include "ctl/table.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

/// The registers as the ledger has them now, as an account that only serves to try the correction on.
Result<metering::Account> present_account(Context& context, const CorrectionOrder& order) {
  const auto configuration = context.config();
  if (!configuration) return failure(configuration.error());
  const auto reader = context.open_ledger();
  if (!reader) return failure(reader.error());
  const auto all = (*reader)->channels();
  if (!all) return failure(all.error());
  metering::Account account;
  account.place_id = order.module;
  for (const auto& correction : order.request.channels) {
    const auto channel = choose_channel(*all, **configuration, order.module, correction.channel_id);
    if (!channel) return failure(channel.error());
  }
  for (const auto& summary : *all) {
    if (summary.module != order.module) continue;
    metering::Registers registers;
    registers.energy_import = summary.total_import;
    registers.energy_export = summary.total_export;
    account.channels.push_back({summary.input, summary.channel, summary.key, registers});
  }
  return account;
}

std::string signed_kwh(MicroWattHours energy) { return (energy < MicroWattHours{} ? "" : "+") + to_exact_kwh(energy); }

void print_register(const std::string& name, const char* which, MicroWattHours added, MicroWattHours total, std::ostream& out) {
  if (added == MicroWattHours{}) return;
  out << "  " << name << " " << which << ": " << to_exact_kwh(total - added) << " kWh -> " << to_exact_kwh(total) << " kWh ("
      << signed_kwh(added) << ")\n";
}

void print_channel(const std::string& module, const BookedChannel& channel, std::ostream& out) {
  const std::string name = module + "/" + channel.channel;
  print_register(name, "import", channel.added_import, channel.total_import, out);
  print_register(name, "export", channel.added_export, channel.total_export, out);
  if (channel.added_import == MicroWattHours{} && channel.added_export == MicroWattHours{})
    out << "  " << name << ": registers stay as they are\n";
}

BookedChannel tried(const metering::Account& account, const metering::Posting& posting) {
  const auto channel = std::find_if(account.channels.begin(), account.channels.end(),
                                    [&](const auto& candidate) { return candidate.key == posting.channel; });
  return {channel->id, posting.energy_import, posting.energy_export, posting.total_import, posting.total_export};
}

void print_json(const CorrectionOrder& order, const BookedCorrection& booked, std::ostream& out) {
  Json answer{{"module", order.module},
              {"at", to_rfc3339(booked.at, true)},
              {"reason", to_string(order.request.reason)},
              {"note", order.request.note},
              {"chip", order.new_chip ? Json(to_string(*order.new_chip)) : Json(nullptr)},
              {"channels", Json::array()}};
  for (const auto& channel : booked.channels) {
    answer["channels"].push_back(Json{{"channel", channel.channel},
                                      {"import_wh", wh_number(channel.added_import)},
                                      {"export_wh", wh_number(channel.added_export)},
                                      {"total_import_wh", wh_number(channel.total_import)},
                                      {"total_export_wh", wh_number(channel.total_export)}});
  }
  out << to_text(answer) << '\n';
}

}  // namespace

int carry_out(Context& context, const CorrectionOrder& order, bool was_confirmed) {
  auto account = present_account(context, order);
  if (!account) return context.fail(account.error());
  const auto trial = metering::correct(*account, order.request, {});
  if (!trial) return context.fail(trial.error());
  if (!was_confirmed) {
    if (!context.terminal().can_ask) return context.refuse("nobody can be asked here; add --yes to book it without a question");
    context.err() << "This books a correction that stays in the ledger for ever; undoing it is one more correction.\n";
    for (const auto& posting : trial->postings) print_channel(order.module, tried(*account, posting), context.err());
    if (order.new_chip) context.err() << "  from now on metered by the chip " << to_string(*order.new_chip) << '\n';
    if (!context.terminal().confirms("Book it with the reason \"" + printable(order.request.note) + "\"?")) {
      context.err() << "rbampctl: nothing was booked\n";
      return exit_status::not_well;
    }
  }
  const auto booked = book(context, order);
  if (!booked) return context.fail(booked.error());
  if (context.wants_json()) {
    print_json(order, *booked, context.out());
    return exit_status::ok;
  }
  context.out() << "Booked:\n";
  for (const auto& channel : booked->channels) print_channel(order.module, channel, context.out());
  return exit_status::ok;
}

}  // namespace rbamp::ctl
