#include "config/draft.hpp"

#include <algorithm>
#include <tuple>

namespace rbamp::config {

Place Draft::place_of(std::string_view path) const {
  for (;;) {
    if (const auto found = places.find(path); found != places.end()) return found->second;
    const auto dot = path.rfind('.');
    if (dot == std::string_view::npos) return Place{};
    path = path.substr(0, dot);
  }
}

std::string Draft::where(std::string_view path) const {
  const auto place = place_of(path);
  return files.at(place.file) + ":" + std::to_string(place.line);
}

std::vector<Problem> Draft::problems() const {
  auto sorted = complaints;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Complaint& a, const Complaint& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) < std::tie(b.place.file, b.place.line, b.place.column);
  });
  std::vector<Problem> problems;
  problems.reserve(sorted.size());
  for (auto& complaint : sorted) {
    const auto& place = complaint.place;
    problems.push_back(Problem{files.at(place.file), place.line, place.column, std::move(complaint.text)});
  }
  return problems;
}

std::string entry_path(std::string_view array, std::size_t index) {
  return std::string{array} + "[" + std::to_string(index) + "]";
}

std::string without_numbers(std::string_view path) {
  std::string plain;
  bool is_number = false;
  for (const char c : path) {
    if (c == '[') is_number = true;
    if (!is_number) plain += c;
    if (c == ']') is_number = false;
  }
  return plain;
}

}  // namespace rbamp::config
