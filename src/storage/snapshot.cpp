#include "storage/snapshot.hpp"

#include <charconv>
#include <sstream>

#include "storage/files.hpp"
#include "storage/snapshot_text.hpp"

namespace rbamp::storage {
namespace {

// The lost rounds of a day at one per second are 86400.
constexpr std::int64_t skipped_rounds = 1 << 20;
constexpr unsigned skipped_ticks = 0x4000;

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
  char* const end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::hex).ptr;
  return {text.data(), end};
}

std::string instant(const metering::Instant& when) {
  return hex(when.boot.bytes()) + ' ' + std::to_string(when.at.time_since_epoch().count()) + ' ' +
         std::to_string(when.utc.time_since_epoch().count()) + ' ' + (when.utc_is_trusted ? '1' : '0');
}

void write_chip(std::ostream& text, const SnapshotChip& chip) {
  text << "chip " << static_cast<std::int64_t>(chip.key) << ' ' << to_string(chip.uid) << '\n';
  if (const auto& anchor = chip.state.anchor) {
    text << "anchor " << static_cast<std::int64_t>(chip.state.place) << ' ' << instant(anchor->at) << ' '
         << anchor->uncertainty.count() << ' ' << hex(anchor->witness) << ' ' << anchor->commit_count << ' ' << anchor->uptime_s
         << ' ' << anchor->gc_tick << ' ' << anchor->is_valid_snapshot << ' ' << anchor->is_reset_pending << '\n';
  }
  if (const auto& intent = chip.state.intent) {
    text << "intent " << instant(intent->at) << ' ' << static_cast<int>(intent->kind) << ' ' << intent->gc_tick << ' '
         << intent->is_armed << ' ' << intent->reset_was_cleared << '\n';
  }
}

void write_place(std::ostream& text, const SnapshotPlace& place) {
  text << "place " << static_cast<std::int64_t>(place.key) << ' ' << place.name << ' '
       << (place.last_chip ? to_string(*place.last_chip) : "-") << '\n';
  if (place.covered_until) text << "covered " << instant(*place.covered_until) << '\n';
  for (const auto& channel : place.channels) {
    const auto& registers = channel.registers;
    text << "channel " << static_cast<std::int64_t>(channel.key) << ' ' << channel.name << ' ' << int{channel.input.value()}
         << ' ' << registers.since.time_since_epoch().count() << ' ' << registers.energy_import.value() << ' '
         << registers.energy_export.value() << ' ' << exact(registers.import_remainder) << ' '
         << exact(registers.export_remainder) << '\n';
  }
}

}  // namespace

std::int64_t last_round_after(std::int64_t last_known) { return last_known + skipped_rounds; }

std::uint16_t gc_tick_after(const Snapshot& snapshot) {
  if (snapshot.gc_tick == metering::no_gc_tick || snapshot.is_last_word) return snapshot.gc_tick;
  return static_cast<std::uint16_t>((snapshot.gc_tick + skipped_ticks) % metering::no_gc_tick);
}

std::string to_text(const Snapshot& snapshot) {
  std::ostringstream text;
  text << snapshot_title << '\n'
       << "ledger " << hex(snapshot.ledger) << '\n'
       << "written " << snapshot.written.time_since_epoch().count() << '\n'
       << "gc_tick " << snapshot.gc_tick << '\n'
       << "last_round " << snapshot.last_round << '\n';
  if (snapshot.is_last_word) text << "last_word\n";
  for (const auto& chip : snapshot.chips) write_chip(text, chip);
  for (const auto& place : snapshot.places) write_place(text, place);
  const std::string body = text.str();
  text << "end " << std::hex << snapshot_checksum(body) << '\n';
  return text.str();
}

std::string snapshot_path(const std::string& ledger_path) { return ledger_path + ".registers"; }

Result<void> store_snapshot(const std::string& path, const Snapshot& snapshot, mode_t mode) {
  return replace_file(path, to_text(snapshot), mode);
}

Result<std::optional<Snapshot>> load_snapshot(const std::string& path) {
  auto text = read_file(path);
  if (!text) return failure(text.error());
  if (!*text) return std::optional<Snapshot>{};
  auto snapshot = snapshot_from(**text);
  if (!snapshot) return failure(snapshot.error());
  return std::optional<Snapshot>{std::move(*snapshot)};
}

}  // namespace rbamp::storage
