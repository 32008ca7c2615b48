-- An instance of the last good version, that replays are compared with. Empty: none.
ALTER TABLE services ADD COLUMN replay_last_good_target TEXT NOT NULL DEFAULT '';
