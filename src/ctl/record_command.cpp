#include "ctl/record_command.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "commissioning/live_feed.hpp"
#include "commissioning/module_facts.hpp"
#include "config/duration.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/time_text.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;

constexpr Microseconds window = std::chrono::milliseconds{200};
constexpr Microseconds longest = std::chrono::hours{24};

struct Options {
  BusChoice bus;
  std::vector<std::string> modules;
  std::string length = "10s";
};

/// What a diagnosis needs of one module: who it is, how it is, and its values window by window. Errors belong into the recording.
class Subject {
 public:
  Subject(BusAccess& access, I2cAddress address) : access_(access), address_(address) {}

  /// False when it could not be read.
  bool introduce() {
    const auto module = commissioning::ModuleLink::open(access_.station(), address_);
    if (!module || !commissioning::describe(*module)) return false;
    auto feed = commissioning::LiveFeed::open(access_.station(), address_);
    if (feed) feed_ = std::move(*feed);
    return feed_.has_value();
  }
  bool read() { return (feed_ || introduce()) && feed_->read().has_value(); }

 private:
  BusAccess& access_;
  I2cAddress address_;
  std::optional<commissioning::LiveFeed> feed_;
};

int record(const Options& options, Context& context) {
  const auto length = config::parse_duration(options.length);
  if (!length || *length <= Microseconds::zero() || *length > longest)
    return context.refuse("--for must be from 1s to 24h, such as 30s");
  auto access = BusAccess::open(context, options.bus, options.modules.empty() ? std::string{} : options.modules.front());
  if (!access) return context.fail(access.error());
  const auto addresses = find_modules(*access, options.modules);
  if (!addresses) return context.fail(addresses.error());
  std::vector<Subject> subjects;
  for (const auto address : *addresses) subjects.emplace_back(*access, address);

  std::uint64_t reads = 0;
  std::uint64_t failed = 0;
  for (auto& subject : subjects) failed += subject.introduce() ? 0U : 1U;
  const BootTime begin = context.clock().boot_now();
  for (BootTime next = begin; next - begin < *length; next += window) {
    const BootTime now = context.clock().boot_now();
    if (next > now) context.clock().sleep_for(next - now);
    for (auto& subject : subjects) {
      ++reads;
      failed += subject.read() ? 0U : 1U;
    }
    if (!access->station().is_open()) break;
  }
  const auto& counters = access->station().counters();
  std::error_code ignored;  // a size that cannot be found out is shown as 0
  const auto bytes = std::filesystem::file_size(options.bus.record, ignored);
  if (context.wants_json()) {
    const Json answer{{"file", options.bus.record}, {"bytes", ignored ? 0 : bytes},
                      {"modules", subjects.size()}, {"reads", reads},
                      {"failed", failed},           {"transactions", counters.transactions.load()}};
    context.out() << to_text(answer) << '\n';
  } else {
    context.out() << counters.transactions.load() << " transactions with " << subjects.size()
                  << (subjects.size() == 1 ? " module are in " : " modules are in ") << options.bus.record << "; " << failed
                  << " reads failed.\n";
  }
  return exit_status::ok;
}

}  // namespace

void add_record_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"record", "Record a conversation with the modules, for a report of what is wrong; writes to none",
                                "rbampctl record bus.rec --for 30s\nrbampctl record bus.rec mains"},
                               [options](Context& context) { return record(*options, context); });
  command.add_option("FILE", options->bus.record, "File to write; one that exists is replaced").required().type_name("");
  add_module_arguments(command, options->modules);
  command.add_option("--for", options->length, "How long (default: 10s)").type_name("TIME");
  add_bus_choice(command, options->bus);
}

}  // namespace rbamp::ctl
