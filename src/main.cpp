// rbampd: arguments and exit status, nothing else.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "daemon/options.hpp"
#include "daemon/version.hpp"

int main(int argc, char** argv) {
  using namespace rbamp::daemon;

  CLI::App app{
      "Meters a house with rbAmp modules: books energy, publishes it over MQTT.\n"
      "Runs in the foreground until SIGTERM or SIGINT; usually started by systemd."};
  app.name("rbampd");
  Options options;
  bool print_default_config = false;
  app.add_option("--config", options.config_file,
                 "Configuration file (default: /etc/rbampd/rbampd.toml), then conf.d/*.toml beside it")
      ->type_name("FILE");
  app.add_flag("--check-config", options.check_config, "Say whether the configuration is good, and exit (0 or 78)");
  app.add_flag("--print-default-config", print_default_config,
               "Print the commented configuration that the package installs, and exit");
  app.set_version_flag("--version", "rbampd " + std::string{version});
  app.footer(
      "Exit status: 0 ok, 64 usage, 65 database unusable, 69 no bus can be opened, 75 start again, 78 configuration.\nManual: "
      "man rbampd");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_status::ok : exit_status::usage;
  }
  if (print_default_config) {
    std::cout << default_config_text();
    return exit_status::ok;
  }
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::cerr << "rbampd: " << error.what() << '\n';
    return exit_status::software;
  }
}
