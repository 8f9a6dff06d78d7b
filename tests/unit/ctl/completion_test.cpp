#include "ctl/completion.hpp"

#include <CLI/CLI.hpp>

#include "support/catch.hpp"

using namespace rbamp::ctl;

namespace {

using Words = std::vector<std::string>;

/// A program with one command of each kind of argument.
Words completed(const Words& words) {
  CLI::App app;
  std::string file;
  std::string module;
  std::string channel;
  std::string time;
  bool json = false;
  app.add_option("--config", file)->type_name("FILE");
  app.add_flag("--json", json);
  CLI::App* explain = app.add_subcommand("explain");
  explain->add_option("MODULE", module)->type_name("");
  explain->add_option("CHANNEL", channel)->type_name("");
  explain->add_option("--from", time)->type_name("TIME");
  explain->add_flag("--follow", json);
  app.add_subcommand("export");
  return complete(app, words, [](const std::string& placeholder) -> Words {
    if (placeholder == "FILE") return {any_file};
    if (placeholder == "MODULE") return {"mains", "flats"};
    if (placeholder == "CHANNEL") return {"house"};
    if (placeholder == "TIME") return {"today"};
    return {};
  });
}

}  // namespace

TEST_CASE("first comes the command, then what it wants at that place") {
  CHECK(completed({""}) == Words{"explain", "export"});
  CHECK(completed({}) == Words{"explain", "export"});
  CHECK(completed({"expl"}) == Words{"explain"});
  CHECK(completed({"explain", ""}) == Words{"mains", "flats"});
  CHECK(completed({"explain", "m"}) == Words{"mains"});
  CHECK(completed({"explain", "mains", ""}) == Words{"house"});
  CHECK(completed({"explain", "mains", "house", ""}).empty());
  CHECK(completed({"export", ""}).empty());
}

TEST_CASE("options of the command and of the program are offered, and their values") {
  CHECK(completed({"explain", "--f"}) == Words{"--from", "--follow"});
  CHECK(completed({"explain", "--j"}) == Words{"--json"});
  CHECK(completed({"--c"}) == Words{"--config"});
  CHECK(completed({"explain", "--from", ""}) == Words{"today"});
  CHECK(completed({"--config", ""}) == Words{any_file});
  CHECK(completed({"explain", "--config", "/etc/x"}) == Words{any_file});
}

TEST_CASE("values and flags are not taken for arguments of the command") {
  CHECK(completed({"--config", "explain", "exp"}) == Words{"explain", "export"});
  CHECK(completed({"--json", "explain", "--from", "today", "--follow", "mains", ""}) == Words{"house"});
}
