#include "storage/ledger_impl.hpp"

#include <algorithm>
#include <filesystem>

#include "storage/closing_reader.hpp"
#include "storage/files.hpp"

namespace rbamp::storage {
namespace {

using metering::ChannelKey;
using metering::Instant;

// A tail that is longer is stored although its quarter hour is not over: it is read at each start.
constexpr std::int64_t most_tail_rounds = 2048;
constexpr std::int64_t kept_events = 20'000;

LedgerId load_id(Connection& connection) {
  Query select{connection, "SELECT ledger_id FROM book"};
  Rows rows = select.select();
  if (!rows.next()) fail_damaged(connection.path(), "the table book is empty");
  return rows.bytes<std::tuple_size_v<LedgerId>>(0);
}

/// Nothing of an account has to be made or changed.
bool is_open(const Books& books, const metering::AccountRequest& request) {
  const auto place = std::find_if(books.places.begin(), books.places.end(),
                                  [&](const auto& entry) { return entry.second.name == request.place_id; });
  const auto module =
      std::find_if(books.modules.begin(), books.modules.end(), [&](const auto& entry) { return entry.second == request.uid; });
  if (place == books.places.end() || module == books.modules.end()) return false;
  std::vector<ChannelKey> keys;
  for (const auto& wanted : request.channels) {
    const auto known = std::find_if(books.channels.begin(), books.channels.end(), [&](const auto& entry) {
      return entry.second.place == place->first && entry.second.name == wanted.id && entry.second.input == wanted.index;
    });
    if (known == books.channels.end()) return false;
    keys.push_back(known->first);
  }
  return books.missing_mounts(place->first, module->first, keys).empty();
}

}  // namespace

Ledger::Impl::Impl(const Settings& settings, const TimeZone& zone, const Instant& now, std::unique_ptr<Connection> connection,
                   Fd lock)
    : settings_(settings),
      zone_(zone),
      lock_(std::move(lock)),
      connection_(std::move(connection)),
      registry_(*connection_),
      writer_(*connection_, registry_),
      rollup_(*connection_, zone),
      retention_(*connection_, rollup_, {settings.raw_retention, settings.quarter_hour_retention}),
      id_(load_id(*connection_)),
      opened_(now.utc),
      gc_tick_(writer_.load_gc_tick()),
      insert_event_(
          *connection_,
          "INSERT INTO events(boot, at_us, at_utc_us, is_trusted, module, channel, kind, text) VALUES(?, ?, ?, ?, ?, ?, ?, ?)") {
  registry_.load(books_);
  writer_.load_chips(books_);
  rolled_up_through_ = connection_->integer("SELECT rolled_up_through FROM book").value_or(0);
  load_tail();
  load_newest_label();
  if (now.boot.is_known()) {
    Transaction transaction{*connection_};
    (void)registry_.boot_number(now.boot);
    transaction.commit();
    registry_.pin(now.boot);
  }
  settle_labels(now.boot);
}

void Ledger::Impl::sync_commits(bool yes) {
  yes = yes && settings_.survives_power_cut;
  if (syncs_ == yes) return;
  // Not a prepared statement: SQLite obeys this PRAGMA when it compiles it, and a step of the compiled one does nothing.
  connection_->execute(yes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  syncs_ = yes;
}

std::int64_t Ledger::Impl::roll_up_tail(const StagedRound* staged) {
  const std::int64_t last = staged != nullptr && !staged->rounds.empty() ? staged->rounds.back().id : books_.next_round - 1;
  rollup_.add_rounds(rolled_up_through_ + 1, last);
  if (staged != nullptr) {
    for (const auto& [key, registers] : staged->registers) registry_.store_registers(key, registers);
    for (const auto& [key, place] : staged->places) registry_.store_place(key, place);
  }
  for (const auto key : stale_registers_) {
    if (staged == nullptr || !staged->registers.contains(key)) registry_.store_registers(key, books_.channels.at(key).registers);
  }
  for (const auto key : stale_places_) {
    if (staged == nullptr || !staged->places.contains(key)) registry_.store_place(key, books_.places.at(key));
  }
  connection_->execute("UPDATE book SET rolled_up_through = " + std::to_string(last));
  return last;
}

void Ledger::Impl::tail_ended(std::int64_t last_round) {
  rolled_up_through_ = last_round;
  tail_quarter_.reset();
  tail_rounds_ = 0;
  stale_registers_.clear();
  stale_places_.clear();
}

bool Ledger::Impl::fits_running_quarter(const StagedRound& staged, std::optional<metering::QuarterHour>& quarter) {
  auto round = staged.rounds.begin();
  for (const auto& line : staged.lines) {
    while (round->id != line.row.round()) ++round;
    if (!round->end.utc_is_trusted) continue;
    const UtcTime end = round->end.utc + line.row.end_offset;
    if (!quarter) quarter = rollup_.quarter_of(end, line.row.length);
    if (!RollUp::is_within(*quarter, end, line.row.length)) return false;
  }
  return true;
}

metering::Account Ledger::Impl::open_account(const metering::AccountRequest& request) {
  if (!is_open(books_, request)) require_log_space();  // one that is known adds nothing to the log, and may be opened at any time
  sync_commits(true);
  Books after = books_;  // a handful of small maps; replaced only when everything is stored
  Transaction transaction{*connection_};
  metering::Account account;
  account.place_id = request.place_id;
  account.uid = request.uid;

  const auto place = std::find_if(after.places.begin(), after.places.end(),
                                  [&](const auto& entry) { return entry.second.name == request.place_id; });
  account.place = place != after.places.end() ? place->first : registry_.add_place(request.place_id);
  after.places.try_emplace(account.place, PlaceBook{request.place_id, std::nullopt, std::nullopt});
  const auto module =
      std::find_if(after.modules.begin(), after.modules.end(), [&](const auto& entry) { return entry.second == request.uid; });
  account.module = module != after.modules.end() ? module->first : registry_.add_module(request.uid);
  after.modules.try_emplace(account.module, request.uid);

  std::vector<ChannelKey> keys;
  for (const auto& wanted : request.channels) {
    const auto known = std::find_if(after.channels.begin(), after.channels.end(), [&](const auto& entry) {
      return entry.second.place == account.place && entry.second.name == wanted.id;
    });
    OpeningBalance nothing;
    nothing.registers.since = request.now;
    const ChannelKey key = known != after.channels.end() ? known->first : registry_.add_channel(account.place, wanted, nothing);
    auto& book =
        after.channels.try_emplace(key, ChannelBook{account.place, wanted.id, wanted.index, nothing.registers}).first->second;
    if (book.input != wanted.index) {
      registry_.set_input(key, wanted.index);
      book.input = wanted.index;
    }
    keys.push_back(key);
    account.channels.push_back({wanted.index, wanted.id, key, book.registers});
  }
  for (const auto& mount : after.missing_mounts(account.place, account.module, keys)) {
    registry_.add_mount(mount);
    after.mounts[mount.id] = mount;
  }
  transaction.commit();
  books_ = std::move(after);

  if (const auto chip = books_.chips.find(account.module); chip != books_.chips.end()) {
    if (chip->second.place == account.place) account.anchor = chip->second.anchor;
    account.intent = chip->second.intent;
  }

  const auto& book = books_.places.at(account.place);
  account.covered_until = book.covered_until;
  if (book.last_module && *book.last_module != account.module) account.previous_chip = books_.modules.at(*book.last_module);
  return account;
}

void Ledger::Impl::arm(std::span<const metering::ArmedLatch> latches) {
  if (latches.empty()) return;
  sync_commits(false);
  Transaction transaction{*connection_};
  for (const auto& latch : latches) {
    metering::Intent intent = latch.intent;
    intent.is_armed = true;
    writer_.write_intent(latch.module, intent);
  }
  transaction.commit();
  for (const auto& latch : latches) {
    auto& intent = books_.chips[latch.module].intent.emplace(latch.intent);
    intent.is_armed = true;
  }
}

void Ledger::Impl::commit(metering::RoundCommit round, StagedRound staged) {
  const auto late = label_late(round, staged);
  auto quarter = tail_quarter_;
  bool ends_tail = !staged.lines.empty() && (!fits_running_quarter(staged, quarter) || tail_rounds_ >= most_tail_rounds);
  sync_commits(true);
  Transaction transaction{*connection_};
  for (const auto& mount : staged.new_mounts) registry_.add_mount(mount);
  auto line = staged.lines.begin();
  for (const auto& row : staged.rounds) {
    writer_.write(row, rollup_.quarter_of(row.end.utc, line->row.length).day);
    for (; line != staged.lines.end() && line->row.round() == row.id; ++line) writer_.write(*line);
  }
  // A gap of another length may reach out of the quarter hour.
  if (measure_gaps(late, staged)) ends_tail = true;
  for (const auto& module : round.modules) {
    if (module.reset) writer_.write_reset(module.module, *module.reset);
    if (module.anchor) writer_.write_anchor(module.module, module.place, *module.anchor);
    if (module.keeps_intent) continue;
    if (module.next_intent) {
      writer_.write_intent(module.module, *module.next_intent);
    } else {
      writer_.remove_intent(module.module);
    }
  }
  const bool has_new_tick = round.last_gc_tick != metering::no_gc_tick && round.last_gc_tick != gc_tick_;
  if (has_new_tick) writer_.write_gc_tick(round.last_gc_tick);
  std::int64_t last = 0;
  if (ends_tail) last = roll_up_tail(&staged);
  transaction.commit();

  books_.apply(round, staged);
  if (has_new_tick) gc_tick_ = round.last_gc_tick;
  if (!staged.rounds.empty()) newest_label_ = staged.rounds.back().end.utc;
  for (const auto& row : staged.rounds) {
    if (!row.end.utc_is_trusted) continue;
    newest_trusted_label_ = row.end.utc;
    is_trusted_label_loaded_ = true;
  }
  if (ends_tail) {
    tail_ended(last);
  } else {
    tail_quarter_ = quarter;
    tail_rounds_ += static_cast<std::int64_t>(staged.rounds.size());
    for (const auto& entry : staged.registers) stale_registers_.insert(entry.first);
    for (const auto& entry : staged.places) stale_places_.insert(entry.first);
  }
}

void Ledger::Impl::set_state(std::string_view name, const std::optional<std::string>& value) {
  sync_commits(true);
  if (value) {
    Query upsert{
        *connection_,
        "INSERT INTO state(name, value) VALUES(?, CAST(? AS BLOB)) ON CONFLICT(name) DO UPDATE SET value = excluded.value"};
    upsert.run(name, *value);
  } else {
    Query remove{*connection_, "DELETE FROM state WHERE name = ?"};
    remove.run(name);
  }
}

void Ledger::Impl::record(const LedgerEvent& event) {
  sync_commits(false);
  Transaction transaction{*connection_};
  insert_event_.run(registry_.boot_number(event.at.boot), event.at.at.time_since_epoch().count(),
                    event.at.utc.time_since_epoch().count(), std::int64_t{event.at.utc_is_trusted ? 1 : 0}, event.module,
                    event.channel, event.kind, event.text);
  connection_->execute("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - " + std::to_string(kept_events));
  transaction.commit();
}

}  // namespace rbamp::storage
