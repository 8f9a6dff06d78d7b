#include "gpio/line_search.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace rbamp::gpio {
namespace {

constexpr std::string_view chip_prefix = "gpiochip";

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The path that a chip's name, number or path means; nullopt when it can only be a label.
std::optional<std::string> path_of(const std::string& chip) {
  if (chip.starts_with('/')) return chip;
  if (chip.starts_with(chip_prefix)) return "/dev/" + chip;
  if (is_number(chip)) return "/dev/" + std::string{chip_prefix} + chip;
  return std::nullopt;
}

std::string listed(const std::vector<std::string>& chips) {
  if (chips.empty()) return "there is no GPIO chip at all";
  std::string text = "there is ";
  for (std::size_t i = 0; i < chips.size(); ++i) {
    if (i > 0) text += i + 1 == chips.size() ? " and " : ", ";
    text += chips[i];
  }
  return text;
}

tl::unexpected<Error> no_chip(const std::string& chip, const std::vector<std::string>& chips) {
  return failure(Errc::bus_missing, Remedy::reinitialise,
                 "GPIO chip \"" + chip + "\" does not exist (" + listed(chips) +
                     "; \"gpiodetect\" shows their labels): correct \"drdy\" of this [[bus]]");
}

struct Match {
  std::string path;
  ChipFacts facts;
};

/// The chips that the request may mean. A chip that cannot be looked at counts only when it is the one that was asked for.
Result<std::vector<Match>> matching_chips(const DrdyRequest& request, const std::vector<std::string>& chips,
                                          const LookAtChip& look) {
  std::vector<Match> matches;
  if (const auto path = path_of(request.chip)) {
    auto facts = look(*path, request.line_name);
    if (facts) {
      matches.push_back({*path, std::move(*facts)});
      return matches;
    }
    if (facts.error().is(Errc::bus_missing)) return no_chip(request.chip, chips);
    return failure(std::move(facts.error()));
  }
  std::optional<Error> refused;
  for (const auto& path : chips) {
    auto facts = look(path, request.line_name);
    if (!facts) {
      refused = std::move(facts.error());
    } else if (request.chip.empty() || facts->label == request.chip) {
      matches.push_back({path, std::move(*facts)});
    }
  }
  if (matches.empty() && refused) return failure(std::move(*refused));
  if (matches.empty()) return no_chip(request.chip.empty() ? "gpiochip0" : request.chip, chips);
  return matches;
}

}  // namespace

Result<LinePlace> find_line(const DrdyRequest& request, const std::vector<std::string>& chips, const LookAtChip& look) {
  if (request.offset.has_value() == !request.line_name.empty()) {
    return failure(Errc::config_invalid, Remedy::give_up, "a DRDY line is given either by its number on a chip or by its name");
  }
  if (request.offset && request.chip.empty()) {
    return failure(Errc::config_invalid, Remedy::give_up,
                   "DRDY line " + std::to_string(*request.offset) + " needs the chip it is on, for example chip = \"gpiochip0\"");
  }
  auto matches = matching_chips(request, chips, look);
  if (!matches) return failure(std::move(matches.error()));

  if (request.offset) {
    const auto& chip = matches->front();
    if (*request.offset < chip.facts.line_count) return LinePlace{chip.path, *request.offset};
    return failure(Errc::config_invalid, Remedy::give_up,
                   chip.path + " has no line " + std::to_string(*request.offset) + ": its lines are 0 to " +
                       std::to_string(chip.facts.line_count == 0 ? 0 : chip.facts.line_count - 1));
  }
  std::erase_if(*matches, [](const Match& match) { return !match.facts.named_line; });
  if (matches->empty()) {
    return failure(Errc::config_invalid, Remedy::give_up,
                   "no GPIO line is called \"" + request.line_name + "\"" + (request.chip.empty() ? "" : " on " + request.chip) +
                       ": \"gpioinfo\" lists the names there are");
  }
  if (matches->size() > 1) {
    return failure(Errc::config_invalid, Remedy::give_up,
                   "a GPIO line \"" + request.line_name + "\" exists on " + matches->front().path + " and on " +
                       matches->back().path + ": say which chip is meant");
  }
  return LinePlace{matches->front().path, *matches->front().facts.named_line};
}

std::vector<std::string> chip_paths(const std::string& folder) {
  std::vector<std::pair<unsigned, std::string>> found;
  std::error_code ignored;  // no folder to look into: then there is no chip
  for (const auto& entry : std::filesystem::directory_iterator{folder, ignored}) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with(chip_prefix) || !is_number(std::string_view{name}.substr(chip_prefix.size()))) continue;
    if (entry.is_symlink(ignored)) continue;  // another name for a listed chip: on a Raspberry Pi 5 gpiochip4 leads to gpiochip0
    unsigned number = 0;
    std::from_chars(name.data() + chip_prefix.size(), name.data() + name.size(), number);
    found.emplace_back(number, entry.path().string());
  }
  std::ranges::sort(found);
  std::vector<std::string> paths;
  paths.reserve(found.size());
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

Error gpio_error(int error_number, const std::string& what, const std::string& consumer) {
  switch (error_number) {
    case ENOENT:
    case ENODEV:
    case ENXIO: return Error{Errc::bus_missing, Remedy::reinitialise, what + " does not exist"};
    case ENOTTY:
    case EINVAL: return Error{Errc::bus_missing, Remedy::give_up, what + " is no GPIO chip, or cannot report edges"};
    case EACCES:
      return Error{
          Errc::bus_permission, Remedy::give_up,
          what + " may not be used by this user: add the user to the group gpio (\"adduser USER gpio\") and start again"};
    case EPERM:
      return Error{Errc::bus_permission, Remedy::give_up,
                   what + ": the service's device policy forbids it: allow char-gpiochip and restart the service"};
    case EBUSY:
      return Error{
          Errc::bus_busy, Remedy::wait,
          what + " is in use" + (consumer.empty() ? "" : " by \"" + consumer + "\"") + ": free it or choose another line"};
    default: return Error{Errc::bus_io, Remedy::reinitialise, what + ": " + std::generic_category().message(error_number)};
  }
}

}  // namespace rbamp::gpio
