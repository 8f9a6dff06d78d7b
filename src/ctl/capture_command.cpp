#include "ctl/capture_command.hpp"

#include <nlohmann/json.hpp>
#include <ostream>

#include "ctl/consent.hpp"
#include "ctl/json_text.hpp"
#include "ctl/module_choice.hpp"
#include "ctl/number_text.hpp"
#include "ctl/wave_plot.hpp"

namespace rbamp::ctl {
namespace {

using Json = nlohmann::ordered_json;
using commissioning::Waveform;

constexpr std::size_t plot_height = 17;

struct Options {
  BusChoice bus;
  std::string module;
  bool csv = false;
  bool yes = false;
};

double milliseconds_of(std::size_t sample) { return static_cast<double>(sample) * 1000.0 / protocol::capture_sample_rate_hz; }

void print_csv(const Waveform& wave, std::ostream& out) {
  out << "ms,code\n";
  for (std::size_t i = 0; i < wave.codes.size(); ++i) out << fixed(milliseconds_of(i), 1) << ',' << wave.codes.at(i) << '\n';
}

void print_plot(const Waveform& wave, const Terminal& terminal) {
  for (const auto& line : draw_wave(wave, terminal.width, plot_height, terminal.has_unicode)) terminal.out << line << '\n';
  terminal.out << "Channel 0, " << fixed(milliseconds_of(wave.codes.size()), 1) << " ms: codes " << wave.lowest << " to "
               << wave.highest << ", mean " << fixed(wave.centre, 0) << " (2048 is no current), ";
  if (wave.clipped == 0) {
    terminal.out << "nothing clipped.\n";
  } else {
    terminal.out << wave.clipped << " samples clipped: more flows than the transformer can show.\n";
  }
}

Json to_json(const Waveform& wave, const commissioning::ModuleLink& module) {
  return Json{{"address", to_string(module.address())},
              {"uid", to_string(module.identity().uid)},
              {"channel", 0},
              {"sample_rate_hz", protocol::capture_sample_rate_hz},
              {"mean", wave.centre},
              {"lowest", wave.lowest},
              {"highest", wave.highest},
              {"clipped", wave.clipped},
              {"codes", wave.codes}};
}

int capture(const Options& options, Context& context) {
  auto access = BusAccess::open(context, options.bus, options.module);
  if (!access) return context.fail(access.error());
  const auto module = open_module(*access, options.module);
  if (!module) return context.fail(module.error());
  if (const auto status = missing_consent(
          context, "Capture on " + module->name() + "? It sends a diagnostic command; nothing is stored, measuring goes on.",
          options.yes))
    return *status;
  const auto wave = commissioning::capture(*module);
  if (!wave) return context.fail(wave.error());
  if (context.wants_json()) {
    context.out() << to_text(to_json(*wave, *module)) << '\n';
  } else if (options.csv) {
    print_csv(*wave, context.out());
  } else {
    print_plot(*wave, context.terminal());
  }
  return exit_status::ok;
}

}  // namespace

void add_capture_command(CommandLine& line) {
  const auto options = std::make_shared<Options>();
  Arguments command = line.add({"capture", "Capture the raw wave form of the current on channel 0, drawn or as CSV",
                                "rbampctl capture mains\nrbampctl capture 0x51 --csv --yes > wave.csv"},
                               [options](Context& context) { return capture(*options, context); });
  add_module_argument(command, options->module);
  command.add_flag("--csv", options->csv, "Comma-separated values: milliseconds and codes of the converter");
  command.add_flag("--yes", options->yes, "Do not ask");
  add_bus_options(command, options->bus);
}

}  // namespace rbamp::ctl
