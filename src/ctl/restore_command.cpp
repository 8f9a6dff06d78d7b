#include "ctl/restore_command.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/json_text.hpp"
#include "ctl/restoring.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string file;
  bool yes = false;
};

void print(const Options& options, const Restored& restored, Context& context) {
  if (context.wants_json()) {
    const Json answer{{"ledger", restored.ledger},
                      {"backup", options.file},
                      {"replaced", restored.replaced ? Json(*restored.replaced) : Json(nullptr)},
                      {"has_fresh_registers", restored.has_fresh_registers}};
    context.out() << to_text(answer) << '\n';
    return;
  }
  auto& out = context.out();
  out << restored.ledger << " is now a copy of " << options.file << ".\n";
  if (restored.replaced) {
    out << "The ledger that stood there is kept as " << *restored.replaced << ".\n"
        << (restored.has_fresh_registers
                ? "Its registers were noted beside the ledger: rbampd raises the restored ones to them when it starts.\n"
                : "It could not be opened any more: rbampd raises the restored registers to those of the last daily copy, if "
                  "there "
                  "is one.\n");
  }
  out << "Start the daemon with: systemctl start rbampd\n";
}

int run_restore(const Options& options, Context& context) {
  std::error_code code;
  if (!std::filesystem::exists(options.file, code)) {
    return context.fail({Errc::ledger_io, Remedy::give_up,
                         "there is no backup " + options.file + (code ? " that you may look at" : "") + "; is the path right?"});
  }
  const auto ledger = context.ledger_path();
  if (!ledger) return context.fail(ledger.error());
  if (!options.yes) {
    if (!context.terminal().can_ask) return context.refuse("nobody can be asked here; add --yes to restore without a question");
    if (!context.terminal().confirms("Put " + options.file + " in the place of " + *ledger +
                                     "? What stands there is kept aside.")) {
      context.err() << "rbampctl: nothing was changed\n";
      return exit_status::not_well;
    }
  }
  const auto restored = restore(context, options.file);
  if (!restored) return context.fail(restored.error());
  print(options, *restored, context);
  return exit_status::ok;
}

}  // namespace

void add_restore_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"restore", "Put a backup in the place of the ledger, which is kept aside; rbampd must be stopped",
                "systemctl stop rbampd && rbampctl restore /media/usb/energy-2026-11-01.db && systemctl start rbampd"},
               [options](Context& context) { return run_restore(*options, context); });
  command.add_option("FILE", options->file, "A backup; it is verified first").required().type_name("");
  command.add_flag("--yes", options->yes, "Do not ask");
}

}  // namespace rbamp::ctl
