#include "config/config.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "config/document.hpp"
#include "config/sections.hpp"
#include "config/text_file.hpp"

namespace rbamp::config {
namespace {

/// One configuration out of several files.
class Loading {
 public:
  void add_text(std::string_view text, std::string name) {
    const auto number = start_file(std::move(name));
    auto parsed = parse_document(text, number);
    if (const auto* error = std::get_if<SyntaxError>(&parsed)) {
      give_up_file(error->place, error->text);
    } else {
      read_document(draft_, std::get<Table>(parsed));
    }
  }

  void add_file(const std::string& name, WhenMissing when_missing) {
    const auto content = read_file(name);
    if (content && content->exists) {
      add_text(content->text, name);
    } else if (!content) {
      give_up_file(Place{start_file(name)}, content.error().detail);
    } else if (when_missing == WhenMissing::problem) {
      give_up_file(Place{start_file(name)}, "there is no such file");
    }
  }

  /// *.toml of the folder in name order. Hidden files are editors' leftovers.
  void add_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
      const auto name = entry->path().filename().string();
      if (name.ends_with(".toml") && !name.starts_with('.')) names.push_back(entry->path().string());
    }
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
      give_up_file(Place{start_file(folder.string())}, "this folder cannot be read: " + error.message());
    }
    std::sort(names.begin(), names.end());
    for (const auto& name : names) add_file(name, WhenMissing::defaults);  // removed since: as if it had never been there
  }

  [[nodiscard]] Loaded finish(std::string_view name) && {
    if (draft_.files.empty()) draft_.files.emplace_back(name);  // problems of built-in defaults must stand somewhere
    complete(draft_);
    // What a file that was not understood would have said is unknown: contradictions with it would be invented.
    if (!gave_up_) {
      check_daemon(draft_);
      check_mqtt(draft_);
      check_fleet(draft_);
      check_events(draft_);
      check_simulator(draft_);
    }
    auto problems = draft_.problems();
    return Loaded{std::move(draft_.config), std::move(files_), std::move(problems)};
  }

 private:
  [[nodiscard]] std::size_t start_file(std::string name) {
    draft_.files.push_back(name);
    files_.push_back(std::move(name));
    return draft_.files.size() - 1;
  }
  void give_up_file(Place place, std::string text) {
    gave_up_ = true;
    draft_.complain(place, std::move(text));
  }

  Draft draft_;
  std::vector<std::string> files_;
  bool gave_up_ = false;
};

}  // namespace

void read_document(Draft& draft, const Table& document) {
  auto& config = draft.config;
  TableReader root{draft, document, Place{draft.files.empty() ? 0 : draft.files.size() - 1}, {}, {}};
  root.table("daemon", [&config](TableReader& table) { read_daemon(table, config.daemon); });
  root.table("storage", [&config](TableReader& table) { read_storage(table, config.storage); });
  root.table("mqtt", [&config](TableReader& table) {
    if (!config.mqtt) config.mqtt.emplace();
    read_mqtt(table, *config.mqtt);
  });
  root.table("homeassistant", [&config](TableReader& table) { read_homeassistant(table, config.homeassistant); });
  root.each("bus", [&config](TableReader& table) { read_bus(table, config.buses.emplace_back()); });
  root.each("module", [&config](TableReader& table) { read_module(table, config.modules.emplace_back()); });
  root.table("events", [&config](TableReader& table) { read_events(table, config.events); });
  root.table("demand", [&config](TableReader& table) { read_demand(table, config.demand); });
  root.table("simulator", [&config](TableReader& table) { read_simulator(table, config.simulator); });
  root.refuse_unknown();
}

const Draft& key_listing() {
  static const Draft listing = [] {
    Draft draft;
    draft.is_listing_keys = true;
    read_document(draft, Table{});
    return draft;
  }();
  return listing;
}

std::vector<std::string> known_keys() {
  const auto& listing = key_listing();
  std::vector<std::string> keys;
  for (const auto& key : listing.known) {
    if (listing.titles.find(key) == listing.titles.end()) keys.push_back(key);
  }
  return keys;
}

std::string to_string(const Problem& problem) {
  return problem.file + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": error: " + problem.text;
}

Loaded load(const std::string& file, WhenMissing when_missing) {
  Loading loading;
  loading.add_file(file, when_missing);
  loading.add_folder(std::filesystem::path{file}.parent_path() / "conf.d");
  return std::move(loading).finish(file);
}

Loaded parse(std::string_view text, std::string_view name) {
  Loading loading;
  loading.add_text(text, std::string{name});
  return std::move(loading).finish(name);
}

}  // namespace rbamp::config
