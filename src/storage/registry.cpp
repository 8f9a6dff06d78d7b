#include "storage/registry.hpp"

namespace rbamp::storage {
namespace {

using metering::ChannelKey;
using metering::ModuleKey;
using metering::PlaceKey;

std::int64_t number(PlaceKey key) { return static_cast<std::int64_t>(key); }
std::int64_t number(ModuleKey key) { return static_cast<std::int64_t>(key); }
std::int64_t number(ChannelKey key) { return static_cast<std::int64_t>(key); }
std::int64_t microseconds(UtcTime when) { return when.time_since_epoch().count(); }

}  // namespace

Registry::Registry(Connection& connection)
    : connection_(connection),
      find_boot_(connection, "SELECT id FROM boots WHERE boot_id = ?"),
      add_boot_(connection, "INSERT INTO boots(boot_id) VALUES(?)"),
      find_boot_id_(connection, "SELECT boot_id FROM boots WHERE id = ?"),
      update_registers_(connection,
                        "UPDATE registers SET total_import = ?2, total_export = ?3, import_remainder = ?4, export_remainder = ?5 "
                        "WHERE channel = ?1"),
      update_place_(connection,
                    "UPDATE places SET last_module = ?2, covered_boot = ?3, covered_us = ?4, covered_utc_us = ?5, "
                    "covered_is_trusted = ?6 WHERE id = ?1") {}

std::int64_t Registry::boot_number(const BootId& boot) {
  if (!boot.is_known()) return 0;
  if (boot == pinned_boot_.first) return pinned_boot_.second;
  {
    Rows rows = find_boot_.select(Bytes{boot.bytes()});
    if (rows.next()) return rows.integer(0);
  }
  add_boot_.run(Bytes{boot.bytes()});
  return connection_.integer("SELECT last_insert_rowid()").value_or(0);
}

void Registry::pin(const BootId& boot) { pinned_boot_ = {boot, boot_number(boot)}; }

BootId Registry::boot_of(std::int64_t number) {
  if (number == 0) return {};
  if (const auto known = known_boots_.find(number); known != known_boots_.end()) return known->second;
  Rows rows = find_boot_id_.select(number);
  if (!rows.next())
    fail_damaged(connection_.path(), "a row names host boot " + std::to_string(number) + ", which is not in boots");
  return known_boots_[number] = BootId{rows.bytes<16>(0)};
}

void Registry::load(Books& books) {
  Query modules{connection_, "SELECT id, uid FROM modules"};
  for (Rows rows = modules.select(); rows.next();)
    books.modules[ModuleKey{rows.integer(0)}] = ModuleUid{rows.bytes<ModuleUid::size>(1)};

  Query places{connection_,
               "SELECT id, name, last_module, covered_boot, covered_us, covered_utc_us, covered_is_trusted FROM places"};
  for (Rows rows = places.select(); rows.next();) {
    PlaceBook place{rows.text(1), std::nullopt, std::nullopt};
    if (!rows.is_null(2)) place.last_module = ModuleKey{rows.integer(2)};
    if (!rows.is_null(3)) {
      place.covered_until = metering::Instant{boot_of(rows.integer(3)), BootTime{Microseconds{rows.integer(4)}},
                                              UtcTime{Microseconds{rows.integer(5)}}, rows.integer(6) != 0};
    }
    books.places[PlaceKey{rows.integer(0)}] = std::move(place);
  }

  Query channels{connection_,
                 "SELECT c.id, c.place, c.name, c.input, c.since_utc_us, r.total_import, r.total_export, r.import_remainder, "
                 "r.export_remainder FROM channels c LEFT JOIN registers r ON r.channel = c.id"};
  for (Rows rows = channels.select(); rows.next();) {
    if (rows.is_null(5)) fail_damaged(connection_.path(), "the registers of channel \"" + rows.text(2) + "\" are missing");
    metering::Registers registers{MicroWattHours{rows.integer(5)}, MicroWattHours{rows.integer(6)}, rows.real(7), rows.real(8),
                                  UtcTime{Microseconds{rows.integer(4)}}};
    if (registers.energy_import.value() < 0 || registers.energy_export.value() < 0) {
      fail_damaged(connection_.path(), "a register of channel \"" + rows.text(2) + "\" is negative");
    }
    books.channels[ChannelKey{rows.integer(0)}] = {PlaceKey{rows.integer(1)}, rows.text(2),
                                                   ChannelIndex{static_cast<std::uint8_t>(rows.integer(3))}, registers};
  }
  load_mounts(books);
  check_keys(books);
}

void Registry::load_mounts(Books& books) {
  Query mounts{connection_, "SELECT id, place, module FROM mounts"};
  for (Rows rows = mounts.select(); rows.next();) {
    books.mounts[rows.integer(0)] = {rows.integer(0), PlaceKey{rows.integer(1)}, ModuleKey{rows.integer(2)}, {}};
  }
  Query slots{connection_, "SELECT mount, slot, channel FROM mount_channels"};
  for (Rows rows = slots.select(); rows.next();) {
    const auto mount = books.mounts.find(rows.integer(0));
    const auto slot = static_cast<std::size_t>(rows.integer(1));
    if (mount == books.mounts.end() || slot >= slots_per_row)
      fail_damaged(connection_.path(), "mount_channels names a mount that is not there");
    mount->second.channels[slot] = ChannelKey{rows.integer(2)};
  }
}

void Registry::check_keys(const Books& books) const {
  for (const auto& [key, channel] : books.channels) {
    if (!books.places.contains(channel.place)) fail_damaged(connection_.path(), "channel \"" + channel.name + "\" has no place");
  }
  for (const auto& [id, mount] : books.mounts) {
    bool is_whole = books.places.contains(mount.place) && books.modules.contains(mount.module);
    for (const auto& channel : mount.channels) is_whole = is_whole && (!channel || books.channels.contains(*channel));
    if (!is_whole) fail_damaged(connection_.path(), "mount " + std::to_string(id) + " names rows that are not there");
  }
}

std::optional<std::int64_t> Registry::if_free(const std::string& table, std::int64_t wanted) {
  Query taken{connection_, "SELECT 1 FROM " + table + " WHERE id = ?"};
  Rows rows = taken.select(wanted);
  if (rows.next()) return std::nullopt;
  return wanted;
}

PlaceKey Registry::add_place(const std::string& name, std::optional<PlaceKey> wanted) {
  Query insert{connection_, "INSERT INTO places(id, name) VALUES(?, ?)"};
  insert.run(wanted ? if_free("places", number(*wanted)) : std::nullopt, name);
  return PlaceKey{connection_.integer("SELECT last_insert_rowid()").value_or(0)};
}

ModuleKey Registry::add_module(const ModuleUid& uid, std::optional<ModuleKey> wanted) {
  Query insert{connection_, "INSERT INTO modules(id, uid) VALUES(?, ?)"};
  insert.run(wanted ? if_free("modules", number(*wanted)) : std::nullopt, Bytes{uid.bytes()});
  return ModuleKey{connection_.integer("SELECT last_insert_rowid()").value_or(0)};
}

ChannelKey Registry::add_channel(PlaceKey place, const metering::ChannelRequest& channel, const OpeningBalance& balance,
                                 std::optional<ChannelKey> wanted) {
  Query insert{connection_, "INSERT INTO channels(id, place, name, input, since_utc_us) VALUES(?, ?, ?, ?, ?)"};
  insert.run(wanted ? if_free("channels", number(*wanted)) : std::nullopt, number(place), channel.id,
             std::int64_t{channel.index.value()}, microseconds(balance.registers.since));
  const std::int64_t key = connection_.integer("SELECT last_insert_rowid()").value_or(0);
  Query registers{connection_, "INSERT INTO registers VALUES(?1, ?2, ?3, ?4, ?5, ?2, ?3, ?6, ?7)"};
  registers.run(key, balance.registers.energy_import.value(), balance.registers.energy_export.value(),
                balance.registers.import_remainder, balance.registers.export_remainder, balance.carried_import.value(),
                balance.carried_export.value());
  return ChannelKey{key};
}

void Registry::set_input(ChannelKey channel, ChannelIndex input) {
  Query update{connection_, "UPDATE channels SET input = ?2 WHERE id = ?1"};
  update.run(number(channel), std::int64_t{input.value()});
}

void Registry::add_mount(const Mount& mount) {
  // Rows of quarter_hours and days have 16 bits for it.
  if (mount.id > 0xFFFF)
    throw Failure{
        Error{Errc::ledger_io, Remedy::give_up, "the ledger " + connection_.path() + " has no numbers left for new meters"}};
  Query insert{connection_, "INSERT INTO mounts(id, place, module) VALUES(?, ?, ?)"};
  insert.run(mount.id, number(mount.place), number(mount.module));
  Query slot{connection_, "INSERT INTO mount_channels(mount, slot, channel) VALUES(?, ?, ?)"};
  for (std::size_t i = 0; i < mount.channels.size(); ++i) {
    if (mount.channels[i]) slot.run(mount.id, static_cast<std::int64_t>(i), number(*mount.channels[i]));
  }
}

void Registry::store_registers(ChannelKey channel, const metering::Registers& registers) {
  update_registers_.run(number(channel), registers.energy_import.value(), registers.energy_export.value(),
                        registers.import_remainder, registers.export_remainder);
}

void Registry::store_place(PlaceKey key, const PlaceBook& place) {
  const auto& covered = place.covered_until;
  const auto last = place.last_module ? std::optional{number(*place.last_module)} : std::nullopt;
  if (!covered) {
    update_place_.run(number(key), last, std::optional<std::int64_t>{}, std::optional<std::int64_t>{},
                      std::optional<std::int64_t>{}, std::optional<std::int64_t>{});
    return;
  }
  update_place_.run(number(key), last, boot_number(covered->boot), covered->at.time_since_epoch().count(),
                    microseconds(covered->utc), std::int64_t{covered->utc_is_trusted ? 1 : 0});
}

}  // namespace rbamp::storage
