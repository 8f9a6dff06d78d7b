#include "ctl/watch_command.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include "config/duration.hpp"
#include "ctl/key_wait.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/time_text.hpp"
#include "ctl/watch_screen.hpp"

namespace rbamp::ctl {
namespace {

constexpr Microseconds shortest_interval = std::chrono::milliseconds{200};  // a window: nothing is newer
constexpr Microseconds longest_interval = std::chrono::hours{1};
constexpr const char* enter_screen = "\x1b[?1049h\x1b[?25l";  // the other screen, without a cursor
constexpr const char* leave_screen = "\x1b[?25h\x1b[?1049l";
constexpr const char* home = "\x1b[H";
constexpr const char* end_of_line = "\x1b[K\r\n";
constexpr const char* end_of_screen = "\x1b[J";

struct Options {
  BusChoice bus;
  std::vector<std::string> modules;
  std::string legacy;
  std::string interval = "1s";
  unsigned count = 0;  ///< 0: until somebody ends it
};

class Watch {
 public:
  Watch(Context& context, BusAccess& access, const std::vector<I2cAddress>& addresses, std::string legacy)
      : context_(context),
        access_(access),
        legacy_(std::move(legacy)),
        feeds_(addresses.size()),
        began_(context.clock().boot_now()) {
    for (const auto address : addresses) {
      WatchedModule module;
      module.row.address = address;
      module.row.id = to_string(address);
      modules_.push_back(std::move(module));
    }
  }

  /// Reads all modules once. A module that fails is tried again the next time.
  void look() {
    for (std::size_t i = 0; i < modules_.size(); ++i) look_at(modules_[i], feeds_[i]);
  }

  void draw() {
    auto& out = context_.out();
    out << home << "rbampctl watch: bus \"" << access_.name() << "\" (" << access_.description() << "), for "
        << length_text(std::chrono::floor<std::chrono::seconds>(context_.clock().boot_now() - began_)) << "; q ends"
        << end_of_line << end_of_line;
    for (const auto& line : lines()) out << line << end_of_line;
    out << end_of_screen << std::flush;
  }

  void print_lines() {
    if (context_.wants_json()) {
      std::vector<LiveRow> rows;
      for (const auto& module : modules_) {
        if (module.problem.empty()) rows.push_back(module.row);
      }
      context_.out() << live_json(access_.name(), context_.clock().utc_now(), rows, false) << '\n';
    } else {
      for (const auto& module : modules_) {
        if (module.problem.empty()) print_watch_lines(module.row, context_.clock().utc_now(), context_.out());
      }
    }
    context_.out().flush();
  }

  [[nodiscard]] std::vector<std::string> lines() { return draw_watch(modules_, tally_, context_.terminal()); }
  [[nodiscard]] bool has_problem() const {
    return std::any_of(modules_.begin(), modules_.end(), [](const auto& module) { return !module.problem.empty(); });
  }

 private:
  void look_at(WatchedModule& module, std::optional<commissioning::LiveFeed>& feed) {
    if (!feed) {
      auto opened = open_feed(access_, module.row.address, legacy_);
      if (!opened) return miss(module, feed, opened.error());
      feed = std::move(*opened);
      auto row = row_of(access_, feed->module());
      row.values = module.row.values;  // shown until there are newer ones
      module.row = std::move(row);
    }
    const auto values = feed->read();
    if (!values) return miss(module, feed, values.error());
    if (!module.problem.empty() && !context_.terminal().is_terminal)
      context_.err() << "rbampctl: module " << to_string(module.row.address) << " answers again\n";
    module.problem.clear();
    module.is_known = true;
    module.row.values = *values;
    tally_.add(module.row.address, channel_count(module.row.variant), *values);
  }

  /// Another chip may sit there when somebody answers again, so it is identified anew.
  void miss(WatchedModule& module, std::optional<commissioning::LiveFeed>& feed, const Error& error) {
    if (module.problem.empty() && !context_.terminal().is_terminal) context_.err() << "rbampctl: " << error.detail << '\n';
    module.problem = error.detail;
    feed.reset();
    tally_.interrupt(module.row.address);
  }

  Context& context_;
  BusAccess& access_;
  std::string legacy_;
  std::vector<std::optional<commissioning::LiveFeed>> feeds_;
  std::vector<WatchedModule> modules_;
  WatchTally tally_;
  BootTime began_;
};

int watch(const Options& options, Context& context) {
  if (!options.legacy.empty() && options.modules.empty())
    return context.refuse("--legacy needs the MODULE that it is about: rbampctl watch 0x54 --legacy UI1");
  const auto interval = config::parse_duration(options.interval);
  if (!interval || *interval < shortest_interval || *interval > longest_interval)
    return context.refuse("--interval must be from 200ms to 1h, such as 1s or 500ms");
  auto access = BusAccess::open(context, options.bus, options.modules.empty() ? std::string{} : options.modules.front());
  if (!access) return context.fail(access.error());
  const auto addresses = find_modules(*access, options.modules);
  if (!addresses) return context.fail(addresses.error());

  Watch watch{context, *access, *addresses, options.legacy};
  const bool has_screen = context.terminal().is_terminal && !context.wants_json();
  KeyWait keys{context.terminal().is_terminal};
  if (has_screen) context.out() << enter_screen;
  BootTime next = context.clock().boot_now();
  for (unsigned i = 1;; ++i) {
    watch.look();
    if (has_screen) {
      watch.draw();
    } else {
      watch.print_lines();
    }
    if (i == options.count || !context.out().good()) break;
    // In step with the begin, whatever a read takes; a round that took longer than the interval is followed at once.
    const BootTime now = context.clock().boot_now();
    next = std::max(next + *interval, now);
    if (!keys.wait(context.clock(), next - now)) break;
  }
  if (has_screen) {
    context.out() << leave_screen;
    for (const auto& line : watch.lines()) context.out() << line << '\n';
  }
  return watch.has_problem() ? exit_status::unavailable : exit_status::ok;
}

}  // namespace

void add_watch_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command =
      line.add({"watch", "Watch live values with peaks, energy since the begin and a history; plain lines into a file or pipe",
                "rbampctl watch\nrbampctl watch mains --interval 200ms\nrbampctl watch --json --count 60 > minute.jsonl"},
               [options](Context& context) { return watch(*options, context); });
  add_module_arguments(command, options->modules);
  command.add_option("--interval", options->interval, "Time between two reads, 200ms to 1h (default: 1s)").type_name("TIME");
  command.add_option("-n,--count", options->count, "End after N reads (default: when q or Ctrl-C is pressed)").type_name("N");
  add_legacy_option(command, options->legacy);
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
