-- The queue hands out by priority; a run tells how far its step is, and may be given what it works with.
ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN progress REAL NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN input TEXT NOT NULL DEFAULT '';  -- JSON, empty for most.
