-- An index page per round cost more writing than all else that a round adds beside its closings. What it was for, a search by
-- time, reads `rounds`, which is small: 130,000 rows of 90 days in tens of milliseconds.
-- intents.flags has one more bit: 8 = the module's reset flag had been cleared when the latch was armed.
DROP INDEX rounds_by_ts;
