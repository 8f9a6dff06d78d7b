#include "ctl/adjust_command.hpp"

#include "ctl/correction_dialog.hpp"
#include "ctl/energy_text.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  std::string module;
  std::string channel;
  std::string energy_import;
  std::string energy_export;
  std::string reason;
  bool yes = false;
};

Result<std::optional<metering::RegisterChange>> change_by(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto amount = parse_wh(text);
  if (!amount) return failure(amount.error());
  return metering::RegisterChange{metering::RegisterChange::Kind::by, *amount};
}

int adjust(const Options& options, Context& context) {
  if (options.energy_import.empty() && options.energy_export.empty())
    return context.refuse("say by how many watt-hours: --import WH, --export WH, or both");
  const auto energy_import = change_by(options.energy_import);
  if (!energy_import) return context.fail(energy_import.error());
  const auto energy_export = change_by(options.energy_export);
  if (!energy_export) return context.fail(energy_export.error());
  CorrectionOrder order;
  order.module = options.module;
  order.request.reason = metering::Reason::correction;
  order.request.note = options.reason;
  order.request.channels.push_back({options.channel, *energy_import, *energy_export});
  return carry_out(context, order, options.yes);
}

}  // namespace

void add_adjust_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"adjust", "Correct a register by a dated, reasoned posting; undo it with the opposite amount",
                "rbampctl adjust flats ground_floor --import=-1250 --reason \"clamp was on the wrong cable until noon\""},
               [options](Context& context) { return adjust(*options, context); });
  command.add_option("MODULE", options->module, "Which module").required().type_name("");
  command.add_option("CHANNEL", options->channel, "Which channel of it").required().type_name("");
  command.add_option("--import", options->energy_import, "Watt-hours to add to the import register; less than 0 takes away")
      .type_name("WH");
  command.add_option("--export", options->energy_export, "The same for the export register").type_name("WH");
  command.add_option("--reason", options->reason, "Why, in words; stays in the ledger").required().type_name("TEXT");
  command.add_flag("--yes", options->yes, "Do not ask");
}

}  // namespace rbamp::ctl
