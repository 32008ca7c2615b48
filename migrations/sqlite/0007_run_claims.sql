-- The queue hands out by priority and by kind. A run that may be claimed at once is ready; one that waits for its
-- time (a backoff, a lease) becomes ready when a claim finds that its time has come.
ALTER TABLE runs ADD COLUMN ready INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN service TEXT NOT NULL DEFAULT '';   -- Of the incident.
ALTER TABLE runs ADD COLUMN hold TEXT NOT NULL DEFAULT '';      -- Why it is paused.
ALTER TABLE runs ADD COLUMN hold_why TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN counted INTEGER NOT NULL DEFAULT 0; -- By the breakers.
UPDATE runs SET service = (SELECT service FROM incidents WHERE incidents.id = runs.incident_id);

DROP INDEX runs_queued;
DROP INDEX runs_leased;
-- Partial indexes name the columns of their condition, too: so they cover, and win over others by equality.
-- The next one of a kind.
CREATE INDEX runs_ready ON runs (ready, kind, priority DESC, id) WHERE ready = 1;
-- Those whose time comes.
CREATE INDEX runs_backing_off ON runs (state, ready, not_before_ns) WHERE state = 'queued' AND ready = 0;
CREATE INDEX runs_leased ON runs (state, ready, lease_until_ns) WHERE state = 'leased' AND ready = 0;
-- Whether a service is being fixed.
CREATE INDEX runs_fixing ON runs (kind, state, service) WHERE kind = 'fix' AND state = 'leased';
-- The list of a kind, newest first.
CREATE INDEX runs_by_kind ON runs (kind, id);
-- How many of a kind are in a state, of those that are not over.
CREATE INDEX runs_figures ON runs (state, kind, active) WHERE active = 1;
-- What the breakers count: all of an hour, those of an incident within a day.
CREATE INDEX runs_counted ON runs (counted, created_ns) WHERE counted = 1;
CREATE INDEX runs_counted_by_incident ON runs (counted, incident_id, kind, created_ns) WHERE counted = 1;

-- What incidents that were opened lately may have in common. Pruned by time.
CREATE TABLE incident_causes (
    cause       TEXT    NOT NULL,
    incident_id TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL,
    PRIMARY KEY (cause, incident_id)
) STRICT, WITHOUT ROWID;

-- Incidents with one cause, the newest first; retention.
CREATE INDEX incident_causes_recent ON incident_causes (cause, at_ns);
CREATE INDEX incident_causes_by_time ON incident_causes (at_ns);
