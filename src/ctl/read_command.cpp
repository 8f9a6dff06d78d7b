#include "ctl/read_command.hpp"

#include <ostream>

#include "ctl/live_view.hpp"
#include "ctl/module_choice.hpp"

namespace rbamp::ctl {
namespace {

struct Options {
  BusChoice bus;
  std::vector<std::string> modules;
  std::string legacy;
};

int read(const Options& options, Context& context) {
  if (!options.legacy.empty() && options.modules.empty())
    return context.refuse("--legacy needs the MODULE that it is about: rbampctl read 0x54 --legacy UI1");
  auto access = BusAccess::open(context, options.bus, options.modules.empty() ? std::string{} : options.modules.front());
  if (!access) return context.fail(access.error());
  const auto addresses = find_modules(*access, options.modules);
  if (!addresses) return context.fail(addresses.error());
  int status = exit_status::ok;
  std::vector<LiveRow> rows;
  for (const auto address : *addresses) {
    auto feed = open_feed(*access, address, options.legacy);
    const auto values = feed ? feed->read() : Result<commissioning::LiveValues>{failure(feed.error())};
    if (!values) {
      status = context.fail(values.error());
      continue;
    }
    rows.push_back(row_of(*access, feed->module()));
    rows.back().values = *values;
  }
  if (context.wants_json()) {
    context.out() << live_json(access->name(), context.clock().utc_now(), rows, true) << '\n';
  } else if (!rows.empty()) {
    print_live(rows, context.out());
  }
  return status;
}

}  // namespace

void add_read_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"read", "Read the live values of modules once; without MODULE of all on the bus",
                                "rbampctl read\nrbampctl read mains 0x51 --json"},
                               [options](Context& context) { return read(*options, context); });
  add_module_arguments(command, options->modules);
  add_legacy_option(command, options->legacy);
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
