// A configuration while it is being read: what was found, where it stood, and what is wrong with it.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/document.hpp"

namespace rbamp::config {

/// Paths name a key with the number of its entry over all files: "daemon.period", "module[2].channel[0].id".
struct Draft {
  struct Complaint {
    Place place;
    std::string text;
  };

  Config config;
  std::vector<std::string> files;
  std::vector<Complaint> complaints;
  std::map<std::string, Place, std::less<>> places;        ///< of every key and table that was present
  std::map<std::string, std::size_t, std::less<>> counts;  ///< entries read so far of each [[...]]
  std::set<std::string, std::less<>> wrong;                ///< paths of values that were refused: nothing follows from them
  std::set<std::string> known;                             ///< every key that was asked for, without entry numbers
  std::map<std::string, std::string, std::less<>> titles;  ///< of tables: "module.channel" is written "[[module.channel]]"
  bool is_listing_keys = false;                            ///< only `known` is wanted: optional tables are visited empty

  void complain(Place place, std::string text) { complaints.push_back(Complaint{place, std::move(text)}); }
  /// At the key, or where that was not written, at the nearest table around it.
  void complain_at(std::string_view path, std::string text) { complain(place_of(path), std::move(text)); }
  [[nodiscard]] bool has(std::string_view path) const { return places.find(path) != places.end(); }
  [[nodiscard]] bool is_wrong(std::string_view path) const { return wrong.find(path) != wrong.end(); }
  /// Written, and not refused.
  [[nodiscard]] bool has_good(std::string_view path) const { return has(path) && !is_wrong(path); }
  [[nodiscard]] Place place_of(std::string_view path) const;
  /// "FILE:LINE"
  [[nodiscard]] std::string where(std::string_view path) const;
  /// In the order of files, lines and columns.
  [[nodiscard]] std::vector<Problem> problems() const;
};

/// "module", 2 -> "module[2]"
[[nodiscard]] std::string entry_path(std::string_view array, std::size_t index);
/// "module[2].id" -> "module.id"
[[nodiscard]] std::string without_numbers(std::string_view path);

}  // namespace rbamp::config
