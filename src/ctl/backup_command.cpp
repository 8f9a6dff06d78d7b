#include "ctl/backup_command.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/interrupt_cleanup.hpp"
#include "ctl/json_text.hpp"
#include "storage/backup.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

int backup(const std::string& file, Context& context) {
  const auto path = context.existing_ledger();
  if (!path) return context.fail(path.error());
  {
    const InterruptCleanup cleanup{storage::unfinished_copy(file)};
    if (const auto copied = storage::backup_ledger(*path, file); !copied) return context.fail(copied.error());
  }
  std::error_code code;
  const auto bytes = std::filesystem::file_size(file, code);
  if (context.wants_json()) {
    const Json answer{{"ledger", *path}, {"backup", file}, {"bytes", bytes}};
    context.out() << to_text(answer) << '\n';
  } else {
    context.out() << file << ": " << bytes << " bytes, a whole and consistent copy of " << *path
                  << ". Check it with: rbampctl verify --ledger " << file << '\n';
  }
  return exit_status::ok;
}

}  // namespace

void add_backup_command(CommandLine& line) {
  const auto file = std::make_shared<std::string>();
  Arguments command = line.add(
      {"backup", "Copy the ledger to a new file while rbampd goes on", "rbampctl backup /media/usb/energy-$(date +%F).db"},
      [file](Context& context) { return backup(*file, context); });
  command.add_option("FILE", *file, "The new file; one that exists is never overwritten").required().type_name("");
}

}  // namespace rbamp::ctl
