-- The ledger, first version. Energies are integer micro-watt-hours, times microseconds: *_us of the boot clock
-- (CLOCK_BOOTTIME of that boot), *_utc_us since 1970. docs/storage.md explains every table; docs/decisions/storage-rows.md
-- why rows are three channels wide.

-- Host boots, by small numbers. 0 stands for "unknown".
CREATE TABLE boots(
  id INTEGER PRIMARY KEY,
  boot_id BLOB NOT NULL UNIQUE
) STRICT;

-- Metered places: the module ids of the configuration. Registers belong to places and survive a chip swap.
-- covered_*: end of the last closing up to book.rolled_up_through.
CREATE TABLE places(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  last_module INTEGER,
  covered_boot INTEGER,
  covered_us INTEGER,
  covered_utc_us INTEGER,
  covered_is_trusted INTEGER
) STRICT;

-- Chips, by UID.
CREATE TABLE modules(
  id INTEGER PRIMARY KEY,
  uid BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE channels(
  id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  input INTEGER NOT NULL,
  since_utc_us INTEGER NOT NULL,
  UNIQUE(place, name)
) STRICT;

-- A chip at a place with up to three channels: what one wide row of closings, quarter_hours and days is about.
CREATE TABLE mounts(
  id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  module INTEGER NOT NULL
) STRICT;

CREATE TABLE mount_channels(
  mount INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  PRIMARY KEY(mount, slot)
) STRICT, WITHOUT ROWID;

-- One row. Closings of rounds up to rolled_up_through are contained in registers and, when their label is settled, in
-- quarter_hours and days; later ones are added when the running quarter hour ends. Rounds up to folded_through are no longer
-- kept as single closings (except adjustments).
CREATE TABLE book(
  id INTEGER PRIMARY KEY CHECK(id = 0),
  ledger_id BLOB NOT NULL,
  rolled_up_through INTEGER NOT NULL,
  folded_through INTEGER NOT NULL
) STRICT;

-- Counters as of book.rolled_up_through. folded_*: what retention took out of closings, so that
-- total = folded + sum of closings. carried_*: the part that is in no day, because it was restored after damage.
CREATE TABLE registers(
  channel INTEGER PRIMARY KEY,
  total_import INTEGER NOT NULL,
  total_export INTEGER NOT NULL,
  import_remainder REAL NOT NULL,
  export_remainder REAL NOT NULL,
  folded_import INTEGER NOT NULL,
  folded_export INTEGER NOT NULL,
  carried_import INTEGER NOT NULL,
  carried_export INTEGER NOT NULL
) STRICT;

-- Closings that were committed together and end in the same second. label: 0 = UTC not trusted yet, will be corrected;
-- 1 = trusted; 2 = was never trusted and cannot be corrected any more.
CREATE TABLE rounds(
  id INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  end_utc_us INTEGER NOT NULL,
  day INTEGER NOT NULL,
  label INTEGER NOT NULL,
  ts TEXT GENERATED ALWAYS AS (strftime('%Y-%m-%dT%H:%M:%SZ', end_utc_us / 1000000, 'unixepoch')) VIRTUAL
) STRICT;
CREATE INDEX rounds_by_ts ON rounds(ts);
CREATE INDEX rounds_not_settled ON rounds(id) WHERE label = 0;

-- One closed period of one mount. id = round * 256 + number in the round. end_offset_us: end minus the round's end.
-- flags: 1, 2, 4 = export of that slot is estimated; 8 = begins in another host boot than it ends in.
-- remainders: three base-65536 digits, one per slot, in 1/32767 micro-watt-hour (storage/closing_row.hpp).
CREATE TABLE closings(
  id INTEGER PRIMARY KEY,
  mount INTEGER NOT NULL,
  end_offset_us INTEGER NOT NULL,
  length_us INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  import_remainders INTEGER NOT NULL,
  export_remainders INTEGER NOT NULL,
  import0 INTEGER, export0 INTEGER, total_import0 INTEGER, total_export0 INTEGER,
  import1 INTEGER, export1 INTEGER, total_import1 INTEGER, total_export1 INTEGER,
  import2 INTEGER, export2 INTEGER, total_import2 INTEGER, total_export2 INTEGER,
  round INTEGER GENERATED ALWAYS AS (id >> 8) VIRTUAL
) STRICT;

-- Words about closings that are not simply measured.
CREATE TABLE remarks(
  closing INTEGER PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

-- Local quarter hours. id = (UTC minute of the begin << 16) | mount. qualities: bit n set = a closing of quality n took part.
CREATE TABLE quarter_hours(
  id INTEGER PRIMARY KEY,
  qualities INTEGER NOT NULL,
  import0 INTEGER NOT NULL, export0 INTEGER NOT NULL,
  import1 INTEGER NOT NULL, export1 INTEGER NOT NULL,
  import2 INTEGER NOT NULL, export2 INTEGER NOT NULL,
  begin_utc_s INTEGER GENERATED ALWAYS AS ((id >> 16) * 60) VIRTUAL,
  mount INTEGER GENERATED ALWAYS AS (id & 65535) VIRTUAL
) STRICT;

-- Local calendar days. id = (days since 1970-01-01 << 16) | mount.
CREATE TABLE days(
  id INTEGER PRIMARY KEY,
  qualities INTEGER NOT NULL,
  import0 INTEGER NOT NULL, export0 INTEGER NOT NULL,
  import1 INTEGER NOT NULL, export1 INTEGER NOT NULL,
  import2 INTEGER NOT NULL, export2 INTEGER NOT NULL,
  day INTEGER GENERATED ALWAYS AS (id >> 16) VIRTUAL,
  mount INTEGER GENERATED ALWAYS AS (id & 65535) VIRTUAL
) STRICT;

-- End of the last booked period of each chip, and what the chip showed then. flags: 1 = UTC trusted, 2 = snapshot was valid,
-- 4 = the module's reset flag was set and not yet cleared.
CREATE TABLE anchors(
  module INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  boot INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  at_utc_us INTEGER NOT NULL,
  uncertainty_us INTEGER NOT NULL,
  witness BLOB NOT NULL,
  commit_count INTEGER NOT NULL,
  uptime_s INTEGER NOT NULL,
  gc_tick INTEGER NOT NULL,
  flags INTEGER NOT NULL
) STRICT;

-- Latches that are planned or about to be sent. flags: 1 = UTC trusted, 2 = broadcast, 4 = armed.
-- Module 0 is the fleet: its gc_tick is the last one taken. It shares this table because it changes with it (one page less).
CREATE TABLE intents(
  module INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  at_utc_us INTEGER NOT NULL,
  gc_tick INTEGER NOT NULL,
  flags INTEGER NOT NULL
) STRICT;

-- Module restarts, written before EVENT_FLAGS bit 5 is cleared. The newest 10000 are kept.
CREATE TABLE resets(
  id INTEGER PRIMARY KEY,
  module INTEGER NOT NULL,
  boot INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  at_utc_us INTEGER NOT NULL,
  is_trusted INTEGER NOT NULL,
  uptime_s INTEGER NOT NULL,
  reset_cause INTEGER NOT NULL
) STRICT;

-- What happened, for people. The newest 20000 are kept.
CREATE TABLE events(
  id INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  at_utc_us INTEGER NOT NULL,
  is_trusted INTEGER NOT NULL,
  module TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

-- Small things that other parts remember, by name.
CREATE TABLE state(
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Public: one line per posting. ts is the end of the period, in UTC, cut to whole seconds; a condition on it uses an index.
CREATE VIEW energy_log(ts, module, channel, dt_s, avg_p_w, e_import_wh, e_export_wh, total_import_wh, total_export_wh, quality) AS
SELECT ts, module, channel, length_us / 1e6,
       CASE WHEN length_us > 0 THEN round((import - export) * 3600.0 / length_us, 3) END,
       import / 1e6, export / 1e6, total_import / 1e6, total_export / 1e6,
       CASE quality WHEN 0 THEN 'measured' WHEN 1 THEN 'recovered' WHEN 2 THEN 'estimated' WHEN 3 THEN 'gap' WHEN 4 THEN 'adjustment' END
FROM (
  SELECT r.ts AS ts, p.name AS module, ch.name AS channel, c.length_us AS length_us, c.quality AS quality,
         CASE mc.slot WHEN 0 THEN c.import0 WHEN 1 THEN c.import1 ELSE c.import2 END AS import,
         CASE mc.slot WHEN 0 THEN c.export0 WHEN 1 THEN c.export1 ELSE c.export2 END AS export,
         CASE mc.slot WHEN 0 THEN c.total_import0 WHEN 1 THEN c.total_import1 ELSE c.total_import2 END AS total_import,
         CASE mc.slot WHEN 0 THEN c.total_export0 WHEN 1 THEN c.total_export1 ELSE c.total_export2 END AS total_export
  FROM rounds r
  CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255
  CROSS JOIN mount_channels mc ON mc.mount = c.mount
  JOIN channels ch ON ch.id = mc.channel
  JOIN places p ON p.id = ch.place
)
WHERE import IS NOT NULL;

-- Public: energy per local calendar day, the running day included.
CREATE VIEW daily_energy(day, module, channel, import_wh, export_wh) AS
SELECT date(d.day * 86400, 'unixepoch') AS day, p.name, ch.name,
       COALESCE(SUM(CASE mc.slot WHEN 0 THEN d.import0 WHEN 1 THEN d.import1 ELSE d.import2 END), 0) / 1e6,
       COALESCE(SUM(CASE mc.slot WHEN 0 THEN d.export0 WHEN 1 THEN d.export1 ELSE d.export2 END), 0) / 1e6
FROM (
  SELECT day, mount, import0, export0, import1, export1, import2, export2 FROM days
  UNION ALL
  -- not rolled up yet: the running quarter hour
  SELECT r.day, c.mount, c.import0, c.export0, c.import1, c.export1, c.import2, c.export2
  FROM book b CROSS JOIN rounds r ON r.id > b.rolled_up_through AND r.label <> 0
  CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255
  UNION ALL
  -- not rolled up yet: labels that wait for the clock
  SELECT r.day, c.mount, c.import0, c.export0, c.import1, c.export1, c.import2, c.export2
  FROM rounds r CROSS JOIN closings c ON c.id BETWEEN r.id << 8 AND (r.id << 8) | 255
  WHERE r.label = 0
) d
JOIN mount_channels mc ON mc.mount = d.mount
JOIN channels ch ON ch.id = mc.channel
JOIN places p ON p.id = ch.place
GROUP BY d.day, p.name, ch.name;
