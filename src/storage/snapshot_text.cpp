#include "storage/snapshot_text.hpp"

#include <charconv>
#include <sstream>
#include <type_traits>

#include "storage/snapshot.hpp"

namespace rbamp::storage {
namespace {

/// The words of one line, taken from the left. Once one is missing or wrong, so is the line.
class Words {
 public:
  explicit Words(const std::string& line) : stream_(line) {}

  [[nodiscard]] std::string text() {
    std::string word;
    if (!(stream_ >> word)) is_good_ = false;
    return word;
  }
  void take(std::string& value) { value = text(); }
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void take(Number& value, int base = 10) {
    const std::string word = text();
    const char* const end = word.data() + word.size();
    std::from_chars_result read{};
    if constexpr (std::is_floating_point_v<Number>) {
      read = std::from_chars(word.data(), end, value, std::chars_format::hex);
    } else {
      read = std::from_chars(word.data(), end, value, base);
    }
    is_good_ = is_good_ && read.ec == std::errc{} && read.ptr == end;
  }
  void take(bool& value) {
    const std::string word = text();
    is_good_ = is_good_ && (word == "0" || word == "1");
    value = word == "1";
  }
  void take(Microseconds& value) {
    std::int64_t count = 0;
    take(count);
    value = Microseconds{count};
  }
  template <class Clock>
  void take(std::chrono::time_point<Clock, Microseconds>& value) {
    Microseconds since{};
    take(since);
    value = std::chrono::time_point<Clock, Microseconds>{since};
  }
  template <class Key>
  requires std::is_enum_v<Key>
  void take(Key& value) {
    std::underlying_type_t<Key> number{};
    take(number);
    value = Key{number};
  }
  template <std::size_t N>
  void take(std::array<std::uint8_t, N>& bytes) {
    const std::string word = text();
    is_good_ = is_good_ && word.size() == 2 * N;
    for (std::size_t i = 0; is_good_ && i < N; ++i) {
      const char* const pair = word.data() + 2 * i;
      const auto read = std::from_chars(pair, pair + 2, bytes.at(i), 16);
      is_good_ = read.ec == std::errc{} && read.ptr == pair + 2;
    }
  }
  void take(metering::Instant& when) {
    BootId::Bytes boot{};
    take(boot);
    when.boot = BootId{boot};
    take(when.at);
    take(when.utc);
    take(when.utc_is_trusted);
  }
  void take(ModuleUid& uid) {
    const auto read = ModuleUid::parse(text());
    is_good_ = is_good_ && read;
    if (read) uid = *read;
  }

  /// For words that earlier versions did not write.
  [[nodiscard]] bool has_more() { return !(stream_ >> std::ws).eof(); }
  void refuse() { is_good_ = false; }
  /// True when every word was as expected and none is left.
  [[nodiscard]] bool ended_well() {
    std::string more;
    return is_good_ && !(stream_ >> more);
  }

 private:
  std::istringstream stream_;
  bool is_good_ = true;
};

void read_anchor(Words& words, ChipState& chip) {
  auto& anchor = chip.anchor.emplace();
  words.take(chip.place);
  words.take(anchor.at);
  words.take(anchor.uncertainty);
  words.take(anchor.witness);
  words.take(anchor.commit_count);
  words.take(anchor.uptime_s);
  words.take(anchor.gc_tick);
  words.take(anchor.is_valid_snapshot);
  words.take(anchor.is_reset_pending);
}

void read_intent(Words& words, ChipState& chip) {
  auto& intent = chip.intent.emplace();
  bool is_broadcast = false;
  words.take(intent.at);
  words.take(is_broadcast);
  words.take(intent.gc_tick);
  words.take(intent.is_armed);
  if (words.has_more()) words.take(intent.reset_was_cleared);  // earlier versions did not write it
  intent.kind = is_broadcast ? metering::LatchKind::broadcast : metering::LatchKind::direct;
}

void read_place(Words& words, SnapshotPlace& place) {
  words.take(place.key);
  words.take(place.name);
  const std::string chip = words.text();
  if (chip == "-") return;
  place.last_chip = ModuleUid::parse(chip);
  if (!place.last_chip) words.refuse();
}

void read_channel(Words& words, SnapshotChannel& channel) {
  words.take(channel.key);
  words.take(channel.name);
  std::uint8_t input = 0;
  std::int64_t energy_import = 0;
  std::int64_t energy_export = 0;
  words.take(input);
  words.take(channel.registers.since);
  words.take(energy_import);
  words.take(energy_export);
  words.take(channel.registers.import_remainder);
  words.take(channel.registers.export_remainder);
  if (energy_import < 0 || energy_export < 0) words.refuse();
  channel.input = ChannelIndex{input};
  channel.registers.energy_import = MicroWattHours{energy_import};
  channel.registers.energy_export = MicroWattHours{energy_export};
}

bool read_line(const std::string& line, Snapshot& snapshot) {
  Words words{line};
  const std::string kind = words.text();
  if (kind == "ledger") {
    words.take(snapshot.ledger);
  } else if (kind == "written") {
    words.take(snapshot.written);
  } else if (kind == "gc_tick") {
    words.take(snapshot.gc_tick);
  } else if (kind == "last_round") {
    words.take(snapshot.last_round);
  } else if (kind == "last_word") {
    snapshot.is_last_word = true;
  } else if (kind == "chip") {
    auto& chip = snapshot.chips.emplace_back();
    words.take(chip.key);
    words.take(chip.uid);
  } else if (kind == "anchor" && !snapshot.chips.empty()) {
    read_anchor(words, snapshot.chips.back().state);
  } else if (kind == "intent" && !snapshot.chips.empty()) {
    read_intent(words, snapshot.chips.back().state);
  } else if (kind == "place") {
    read_place(words, snapshot.places.emplace_back());
  } else if (kind == "covered" && !snapshot.places.empty()) {
    words.take(snapshot.places.back().covered_until.emplace());
  } else if (kind == "channel" && !snapshot.places.empty()) {
    read_channel(words, snapshot.places.back().channels.emplace_back());
  } else {
    return false;
  }
  return words.ended_well();
}

tl::unexpected<Error> damaged(const std::string& why) {
  return failure(Errc::ledger_damaged, Remedy::give_up, "the snapshot of the registers is damaged: " + why);
}

bool has_checksum(const std::string& last_line, std::string_view body) {
  Words words{last_line};
  std::uint64_t expected = 0;
  if (words.text() != "end") return false;
  words.take(expected, 16);
  return words.ended_well() && expected == snapshot_checksum(body);
}

}  // namespace

std::uint64_t snapshot_checksum(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a: against damage, not against an attacker
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

Result<Snapshot> snapshot_from(const std::string& text) {
  const auto end = text.rfind("end ");
  if (end == std::string::npos || (end > 0 && text[end - 1] != '\n')) return damaged("its last line is missing");
  if (!has_checksum(text.substr(end), std::string_view{text}.substr(0, end))) return damaged("its checksum is wrong");
  std::istringstream lines{text.substr(0, end)};
  std::string line;
  std::getline(lines, line);
  if (line != snapshot_title) return damaged("its first line is not \"" + std::string{snapshot_title} + "\"");
  Snapshot snapshot;
  while (std::getline(lines, line)) {
    if (!read_line(line, snapshot)) return damaged("it has the line \"" + line + "\"");
  }
  return snapshot;
}

}  // namespace rbamp::storage
