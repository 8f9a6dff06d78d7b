#include "storage/tail.hpp"

#include <set>

namespace rbamp::storage {
namespace {

using metering::ChannelKey;

// Some rounds of a fleet, whatever its size: enough to meet every channel that is metered now.
constexpr int newest_closings = 64;

const std::string joined = " FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255 ";

std::string named(const ReadClosing& closing) { return "closing " + std::to_string(closing.row.id); }

std::optional<std::string> defect_in(const Books& books, const ReadClosing& closing) {
  const auto& row = closing.row;
  if (const auto defect = defect_of(row)) return named(closing) + ": " + *defect;
  const auto mount = books.mounts.find(row.mount);
  if (mount == books.mounts.end()) return named(closing) + " names a mount that is not there";
  for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
    if (!row.slots[slot]) continue;
    if (!mount->second.channels[slot]) return named(closing) + " has more channels than its mount";
    const auto& registers = books.channels.at(*mount->second.channels[slot]).registers;
    const auto& amounts = *row.slots[slot];
    if (registers.energy_import + amounts.energy_import != amounts.total_import ||
        registers.energy_export + amounts.energy_export != amounts.total_export) {
      return "the totals of " + named(closing) + " do not follow from those before";
    }
  }
  return std::nullopt;
}

}  // namespace

const std::string& tail_query() {
  static const std::string query = "SELECT " + closing_columns() + joined + "WHERE r.id > ? ORDER BY r.id";
  return query;
}

std::optional<std::string> follow(Books& books, Registry& registry, const ReadClosing& closing) {
  if (auto defect = defect_in(books, closing)) return defect;
  const auto& [row, end] = closing;
  const Mount& mount = books.mounts.at(row.mount);
  for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
    if (!row.slots[slot]) continue;
    auto& registers = books.channels.at(*mount.channels[slot]).registers;
    registers.energy_import = row.slots[slot]->total_import;
    registers.energy_export = row.slots[slot]->total_export;
    registers.import_remainder = row.import_remainders[slot];
    registers.export_remainder = row.export_remainders[slot];
  }
  if (row.quality != metering::Quality::adjustment) {
    auto& place = books.places.at(mount.place);
    place.covered_until = metering::Instant{registry.boot_of(end.boot), end.at, end.utc, end.label == label_state::trusted};
    place.last_module = mount.module;
  }
  return std::nullopt;
}

std::optional<std::string> contradiction(Connection& connection, const Books& books, std::int64_t mark) {
  Query newest{connection, "SELECT " + closing_columns() + joined + "WHERE r.id <= ? ORDER BY r.id DESC, c.id DESC LIMIT " +
                               std::to_string(newest_closings)};
  std::set<ChannelKey> seen;
  for (Rows rows = newest.select(mark); rows.next();) {
    const auto closing = read_closing(rows, connection.path());
    const auto mount = books.mounts.find(closing.row.mount);
    if (mount == books.mounts.end()) return named(closing) + " names a mount that is not there";
    for (std::size_t slot = 0; slot < slots_per_row; ++slot) {
      const auto& channel = mount->second.channels[slot];
      if (!channel || !closing.row.slots[slot] || !seen.insert(*channel).second) continue;
      const auto& book = books.channels.at(*channel);
      if (book.registers.energy_import < closing.row.slots[slot]->total_import ||
          book.registers.energy_export < closing.row.slots[slot]->total_export) {
        return "the register of \"" + book.name + "\" is behind its newest closing";
      }
    }
  }
  return std::nullopt;
}

}  // namespace rbamp::storage
