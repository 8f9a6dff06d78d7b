-- An index page per round cost more writing than all else that a round adds beside its closings. What it was for, a search by
-- time, reads `rounds`, which is small: 130,000 rows of 90 days in tens of milliseconds.
DROP INDEX rounds_by_ts;
