// The main file, conf.d beside it, and files that cannot be read.
#include <cerrno>
#include <filesystem>
#include <string>

#include "config/config.hpp"
#include "config/text_file.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace rbamp::config {
namespace {

using namespace std::chrono_literals;
using support::TemporaryDirectory;

TEST_CASE("files of conf.d are read after the main file in name order: keys override, entries are added") {
  const TemporaryDirectory folder;
  const auto main =
      folder.write("rbampd.toml", "[daemon]\nperiod = \"10s\"\nlog_level = \"debug\"\n[[module]]\nid = \"one\"\naddress = 80\n");
  const auto second = folder.write("conf.d/20-b.toml", "[daemon]\nperiod = \"30s\"\n[mqtt]\nusername = \"u\"\n");
  const auto first = folder.write(
      "conf.d/10-a.toml", "[daemon]\nperiod = \"20s\"\n[mqtt]\nclient_id = \"c\"\n[[module]]\nid = \"two\"\naddress = 81\n");
  folder.write("conf.d/notes.txt", "not TOML at all");
  folder.write("conf.d/.#10-a.toml", "nor is this");
  const auto loaded = load(main);
  for (const auto& problem : loaded.problems) FAIL_CHECK(to_string(problem));
  CHECK(loaded.files == std::vector<std::string>{main, first, second});
  CHECK(loaded.config.daemon.period == Microseconds{30s});
  CHECK(loaded.config.daemon.log_level == LogLevel::debug);
  REQUIRE(loaded.config.mqtt);
  CHECK(loaded.config.mqtt->client_id == "c");
  CHECK(loaded.config.mqtt->username == "u");
  REQUIRE(loaded.config.modules.size() == 2);
  CHECK(loaded.config.modules[1].id == "two");
}

TEST_CASE("the same id in two files is a duplicate, and both places are named") {
  const TemporaryDirectory folder;
  const auto main = folder.write("rbampd.toml", "[[module]]\nid = \"mains\"\naddress = 80\n");
  const auto more = folder.write("conf.d/more.toml", "\n[[module]]\nid = \"mains\"\naddress = 81\n");
  const auto loaded = load(main);
  REQUIRE(loaded.problems.size() == 1);
  CHECK(to_string(loaded.problems[0]) ==
        more + ":3:1: error: module.id: \"mains\" is used twice, first at " + main + ":2; each module needs an id of its own");
}

TEST_CASE("problems of several files come in the order the files were read") {
  const TemporaryDirectory folder;
  const auto main = folder.write("rbampd.toml", "\n\n\n[daemon]\nperiod = 1\n");
  const auto more = folder.write("conf.d/a.toml", "[daemon]\nperiod = 2\n");
  const auto loaded = load(main);
  REQUIRE(loaded.problems.size() == 2);
  CHECK(loaded.problems[0].file == main);
  CHECK(loaded.problems[1].file == more);
}

TEST_CASE("a file that is no TOML is one problem, and the other files are still checked") {
  const TemporaryDirectory folder;
  const auto main = folder.write("rbampd.toml", "[daemon\n");
  const auto more = folder.write("conf.d/a.toml", "[[module]]\nid = \"a\"\naddress = 5\nbus = \"of the main file\"\n");
  const auto loaded = load(main);
  REQUIRE(loaded.problems.size() == 3);
  CHECK(loaded.problems[0].file == main);
  CHECK(loaded.problems[0].line == 1);
  CHECK(loaded.problems[1].file == more);
  CHECK(loaded.problems[1].line == 3);  // its own mistakes, but not what may stand in the broken file
  CHECK(loaded.problems[2].line == 4);
}

TEST_CASE("a missing file is a problem when it was named, and means defaults when it is the default one") {
  const TemporaryDirectory folder;
  const auto missing = folder.file("absent.toml");
  const auto named = load(missing);
  REQUIRE(named.problems.size() == 1);
  CHECK(to_string(named.problems[0]) == missing + ":1:1: error: there is no such file");
  const auto unnamed = load(missing, WhenMissing::defaults);
  CHECK(unnamed.problems.empty());
  CHECK(unnamed.files.empty());
  CHECK(unnamed.config.buses.size() == 1);
}

TEST_CASE("conf.d counts although the default file is missing") {
  const TemporaryDirectory folder;
  folder.write("conf.d/a.toml", "[daemon]\nperiod = \"2s\"\n");
  CHECK(load(folder.file("rbampd.toml"), WhenMissing::defaults).config.daemon.period == Microseconds{2s});
}

TEST_CASE("a folder in the place of a file is called one") {
  const TemporaryDirectory folder;
  const auto loaded = load(folder.path().string());
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].text == "this is a folder, not a file");
}

TEST_CASE("a file in the place of conf.d is no reason to complain") {
  const TemporaryDirectory folder;
  folder.write("conf.d", "");
  CHECK(load(folder.write("rbampd.toml", "")).problems.empty());
}

TEST_CASE("a huge file is refused before it fills the memory") {
  const auto loaded = load("/dev/zero");
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].text == "this file is larger than 1 MiB: it is no configuration");
}

TEST_CASE("an unreadable file says who may not read it and what to type") {
  const auto words = explain_unreadable("/etc/rbampd/rbampd.toml", EACCES, "alice");
  CHECK(words.find("user \"alice\" may not read") != std::string::npos);
  CHECK(words.find("chgrp rbampd /etc/rbampd/rbampd.toml") != std::string::npos);
  CHECK(explain_unreadable("x", EIO, "alice").find("Input/output error") != std::string::npos);
}

TEST_CASE("a byte order mark and Windows line ends are fine") {
  const TemporaryDirectory folder;
  const auto loaded = load(folder.write("rbampd.toml", "\xEF\xBB\xBF[daemon]\r\nperiod = \"7s\"\r\n"));
  CHECK(loaded.problems.empty());
  CHECK(loaded.config.daemon.period == Microseconds{7s});
}

}  // namespace
}  // namespace rbamp::config
