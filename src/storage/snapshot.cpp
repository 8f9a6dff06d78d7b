#include "storage/snapshot.hpp"

#include <charconv>
#include <map>
#include <sstream>

#include "storage/files.hpp"

namespace rbamp::storage {
namespace {

constexpr std::string_view title = "rbampd-registers";
constexpr int version = 1;

std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a: against damage, not against an attacker
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

std::string exact(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex).ptr;
  return {text.data(), end};
}

template <class Number>
bool read_number(const std::string& word, Number& value, int base_or_format = 10) {
  const char* const end = word.data() + word.size();
  if constexpr (std::is_floating_point_v<Number>) {
    const auto read = std::from_chars(word.data(), end, value, std::chars_format::hex);
    return read.ec == std::errc{} && read.ptr == end;
  } else {
    const auto read = std::from_chars(word.data(), end, value, base_or_format);
    return read.ec == std::errc{} && read.ptr == end;
  }
}

bool read_time(const std::string& word, UtcTime& value) {
  std::int64_t count = 0;
  if (!read_number(word, count)) return false;
  value = UtcTime{Microseconds{count}};
  return true;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream{line};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool read_place(const std::vector<std::string>& words, SnapshotPlace& place) {
  if (words.size() != 7) return false;
  place.name = words[1];
  if (words[2] != "-") {
    const auto boot = BootId::parse(words[2]);
    std::int64_t at = 0;
    metering::Instant covered;
    if (!boot || !read_number(words[3], at) || !read_time(words[4], covered.utc)) return false;
    covered.boot = *boot;
    covered.at = BootTime{Microseconds{at}};
    covered.utc_is_trusted = words[5] == "1";
    place.covered_until = covered;
  }
  if (words[6] != "-") {
    place.last_chip = ModuleUid::parse(words[6]);
    return place.last_chip.has_value();
  }
  return true;
}

bool read_channel(const std::vector<std::string>& words, SnapshotChannel& channel) {
  if (words.size() != 8) return false;
  channel.name = words[1];
  std::uint8_t input = 0;
  std::int64_t energy_import = 0;
  std::int64_t energy_export = 0;
  auto& registers = channel.registers;
  if (!read_number(words[2], input) || !read_time(words[3], registers.since) || !read_number(words[4], energy_import) ||
      !read_number(words[5], energy_export) || !read_number(words[6], registers.import_remainder) ||
      !read_number(words[7], registers.export_remainder) || energy_import < 0 || energy_export < 0) {
    return false;
  }
  channel.input = ChannelIndex{input};
  registers.energy_import = MicroWattHours{energy_import};
  registers.energy_export = MicroWattHours{energy_export};
  return true;
}

bool read_line(const std::vector<std::string>& words, Snapshot& snapshot) {
  if (words[0] == "ledger" && words.size() == 2) {
    const auto id = BootId::parse(words[1]);  // 16 bytes in hexadecimal, like a boot id
    if (id) snapshot.ledger = id->bytes();
    return id.has_value();
  }
  if (words[0] == "written" && words.size() == 2) return read_time(words[1], snapshot.written);
  if (words[0] == "gc_tick" && words.size() == 2) return read_number(words[1], snapshot.gc_tick);
  if (words[0] == "last_round" && words.size() == 2) return read_number(words[1], snapshot.last_round);
  if (words[0] == "place") return read_place(words, snapshot.places.emplace_back());
  if (words[0] == "channel" && !snapshot.places.empty())
    return read_channel(words, snapshot.places.back().channels.emplace_back());
  return false;
}

tl::unexpected<Error> damaged(const std::string& why) {
  return failure(Errc::ledger_damaged, Remedy::give_up, "the daily snapshot of the registers is damaged: " + why);
}

}  // namespace

std::string to_text(const Snapshot& snapshot) {
  std::ostringstream text;
  text << title << ' ' << version << '\n'
       << "ledger " << hex(snapshot.ledger) << '\n'
       << "written " << snapshot.written.time_since_epoch().count() << '\n'
       << "gc_tick " << snapshot.gc_tick << '\n'
       << "last_round " << snapshot.last_round << '\n';
  for (const auto& place : snapshot.places) {
    text << "place " << place.name;
    if (const auto& covered = place.covered_until) {
      text << ' ' << hex(covered->boot.bytes()) << ' ' << covered->at.time_since_epoch().count() << ' '
           << covered->utc.time_since_epoch().count() << ' ' << (covered->utc_is_trusted ? 1 : 0);
    } else {
      text << " - - - -";
    }
    text << ' ' << (place.last_chip ? to_string(*place.last_chip) : "-") << '\n';
    for (const auto& channel : place.channels) {
      const auto& registers = channel.registers;
      text << "channel " << channel.name << ' ' << int{channel.input.value()} << ' ' << registers.since.time_since_epoch().count()
           << ' ' << registers.energy_import.value() << ' ' << registers.energy_export.value() << ' '
           << exact(registers.import_remainder) << ' ' << exact(registers.export_remainder) << '\n';
    }
  }
  const std::string body = text.str();
  text << "end " << std::hex << checksum(body) << '\n';
  return text.str();
}

Result<Snapshot> snapshot_from(const std::string& text) {
  const auto end = text.rfind("end ");
  if (end == std::string::npos || (end > 0 && text[end - 1] != '\n')) return damaged("its last line is missing");
  std::uint64_t expected = 0;
  const auto last = words_of(text.substr(end));
  if (last.size() != 2 || !read_number(last[1], expected, 16) || expected != checksum(std::string_view{text}.substr(0, end))) {
    return damaged("its checksum is wrong");
  }
  std::istringstream lines{text.substr(0, end)};
  Snapshot snapshot;
  std::string line;
  std::getline(lines, line);
  if (line != std::string{title} + " " + std::to_string(version))
    return damaged("its first line is not \"" + std::string{title} + " 1\"");
  while (std::getline(lines, line)) {
    const auto words = words_of(line);
    if (words.empty() || !read_line(words, snapshot)) return damaged("it has the line \"" + line + "\"");
  }
  return snapshot;
}

std::string snapshot_path(const std::string& ledger_path) { return ledger_path + ".registers"; }

Result<void> store_snapshot(const std::string& path, const Snapshot& snapshot) { return replace_file(path, to_text(snapshot)); }

Result<std::optional<Snapshot>> load_snapshot(const std::string& path) {
  auto text = read_file(path);
  if (!text) return failure(text.error());
  if (!*text) return std::optional<Snapshot>{};
  auto snapshot = snapshot_from(**text);
  if (!snapshot) return failure(snapshot.error());
  return std::optional<Snapshot>{std::move(*snapshot)};
}

}  // namespace rbamp::storage
