// What `journalctl -x` explains, held against what rbampd writes.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

constexpr std::size_t id_size = 32;

std::string content_of(const std::string& path) {
  std::ifstream file{std::string{RBAMP_SOURCE_DIR} + "/" + path};
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool is_id(const std::string& text) {
  return text.size() == id_size && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// Every id that stands between `before` and `after`, sorted.
std::vector<std::string> ids_in(const std::string& text, const std::string& before, char after) {
  std::vector<std::string> ids;
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const auto begin = at + before.size();
    auto word = text.substr(begin, id_size);
    if (is_id(word) && begin + id_size < text.size() && text[begin + id_size] == after) ids.push_back(std::move(word));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

TEST_CASE("every id that rbampd writes to the journal is explained in the catalog, once, and the catalog explains no other") {
  const auto written = ids_in(content_of("src/log/message_ids.hpp"), "\"", '"');
  const auto catalog = content_of("systemd/rbampd.catalog");
  const auto explained = ids_in(catalog, "\n-- ", '\n');
  CHECK(written.size() > 20);
  CHECK(explained == written);
  CHECK(std::adjacent_find(written.begin(), written.end()) == written.end());
}

TEST_CASE("every entry of the catalog has a subject, and says where more is written") {
  const auto catalog = content_of("systemd/rbampd.catalog");
  for (const auto& id : ids_in(catalog, "\n-- ", '\n')) {
    INFO(id);
    const auto begin = catalog.find("-- " + id);
    const auto entry = catalog.substr(begin, catalog.find("\n-- ", begin) - begin);
    CHECK(entry.find("\nSubject: ") != std::string::npos);
    CHECK(entry.find("\nDefined-By: rbampd\n") != std::string::npos);
    CHECK(entry.find("\nDocumentation: man:rbampd(8)\n\n") != std::string::npos);
  }
}

TEST_CASE("the catalog names no field that rbampd does not write") {
  const auto catalog = content_of("systemd/rbampd.catalog");
  const auto fields = content_of("src/log/fields.hpp");
  std::size_t found = 0;
  for (auto begin = catalog.find('@'); begin != std::string::npos; begin = catalog.find('@', begin + 1)) {
    const auto end = catalog.find('@', begin + 1);
    REQUIRE(end != std::string::npos);
    const auto name = catalog.substr(begin + 1, end - begin - 1);
    INFO(name);
    CHECK(fields.find('"' + name + '"') != std::string::npos);
    ++found;
    begin = end;
  }
  CHECK(found > 20);
}
