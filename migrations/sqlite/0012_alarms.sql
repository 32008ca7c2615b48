-- Alarms as they were taken in, and what became of each. The newest; `number` counts up, so that older ones are
-- found without counting.
CREATE TABLE alarms (
    number        INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    source        TEXT    NOT NULL,
    event_key     TEXT    NOT NULL,
    group_key     TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    service       TEXT    NOT NULL,
    error_type    TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    route         TEXT    NOT NULL,
    frames        TEXT    NOT NULL,  -- JSON: [text, ...]
    status_code   INTEGER,
    severity      TEXT,
    resource      TEXT    NOT NULL,
    link          TEXT    NOT NULL,
    labels        TEXT    NOT NULL,  -- JSON: [[name, value], ...]
    occurred_ns   INTEGER NOT NULL,
    received_ns   INTEGER NOT NULL,
    fingerprint   TEXT    NOT NULL,
    signature     TEXT    NOT NULL,
    handling      TEXT    NOT NULL,
    handling_text TEXT    NOT NULL,
    fate          TEXT    NOT NULL,
    layer         TEXT    NOT NULL,
    incident_id   TEXT    NOT NULL,
    event_id      TEXT    NOT NULL
) STRICT;

-- Lists, newest first: by fate, of a service, of an incident.
CREATE INDEX alarms_by_fate ON alarms (fate, id);
CREATE INDEX alarms_by_service ON alarms (service, id);
CREATE INDEX alarms_by_incident ON alarms (incident_id, id);
-- The alarms that an all-clear belongs to.
CREATE INDEX alarms_by_group ON alarms (source, group_key, id) WHERE group_key <> '' AND incident_id <> '';
-- The alarms of a held event.
CREATE INDEX alarms_by_event ON alarms (event_id, id) WHERE event_id <> '';

-- Events that came already: an event counts once. The newest.
CREATE TABLE alarm_keys (
    number    INTEGER PRIMARY KEY,
    event_key TEXT    NOT NULL UNIQUE,  -- "<source>/<key>"
    alarm_id  TEXT    NOT NULL
) STRICT;

-- How many, per UTC day.
CREATE TABLE alarm_totals (
    day_ns INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (day_ns, name)
) STRICT, WITHOUT ROWID;

-- Alarms of one signature that wait for a person.
CREATE TABLE held_events (
    number        INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    signature     TEXT    NOT NULL,
    service       TEXT    NOT NULL,
    error_type    TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    source        TEXT    NOT NULL,
    handling      TEXT    NOT NULL,
    handling_text TEXT    NOT NULL,
    first_seen_ns INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    occurrences   INTEGER NOT NULL,
    last_seen_ns  INTEGER NOT NULL,
    incident_id   TEXT    NOT NULL,
    decided_by    TEXT    NOT NULL,
    decided_ns    INTEGER,
    version       INTEGER NOT NULL
) STRICT;

-- One that waits per signature.
CREATE UNIQUE INDEX held_events_pending ON held_events (signature) WHERE state = 'pending';
-- The list by state, newest first.
CREATE INDEX held_events_by_state ON held_events (state, id);

-- Signatures whose events are dropped until a person lifts it.
CREATE TABLE event_dismissals (
    id           TEXT    PRIMARY KEY,
    signature    TEXT    NOT NULL UNIQUE,
    service      TEXT    NOT NULL,
    error_type   TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    dismissed_by TEXT    NOT NULL,
    dismissed_ns INTEGER NOT NULL,
    dropped      INTEGER NOT NULL
) STRICT;

-- What incidents that alarms opened said: finds candidates, decides nothing. The newest.
CREATE TABLE incident_texts (
    number          INTEGER PRIMARY KEY,
    incident_id     TEXT    NOT NULL,
    service         TEXT    NOT NULL,
    error_type      TEXT    NOT NULL,
    description_key TEXT    NOT NULL,  -- Normalised; empty: never equal to another.
    likeness_text   TEXT    NOT NULL,
    UNIQUE (incident_id, error_type, description_key)
) STRICT;

-- Incidents with an equal key, newest first.
CREATE INDEX incident_texts_by_key ON incident_texts (service, error_type, description_key, number);

-- Their words, by the same number; service_word is one word for the service.
CREATE VIRTUAL TABLE incident_words USING fts5 (service_word, words);

-- What was like an incident when it was opened.
CREATE TABLE incident_hints (
    incident_id TEXT    NOT NULL REFERENCES incidents (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('regression', 'similar')),
    other_id    TEXT    NOT NULL,
    score       REAL    NOT NULL,
    text        TEXT    NOT NULL,
    at_ns       INTEGER NOT NULL,
    PRIMARY KEY (incident_id, kind, other_id)
) STRICT, WITHOUT ROWID;

-- Incidents that wait for captured traffic, and until when.
CREATE TABLE waiting_incidents (
    incident_id TEXT    PRIMARY KEY REFERENCES incidents (id),
    due_ns      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX waiting_incidents_due ON waiting_incidents (due_ns);

-- Log stores that are asked for errors: how far each was read.
CREATE TABLE poll_sources (
    name         TEXT    PRIMARY KEY,
    position_ns  INTEGER,           -- Everything before was seen. NULL: never asked.
    asked_ns     INTEGER NOT NULL,  -- The last round.
    succeeded_ns INTEGER NOT NULL,  -- The last that ended well.
    failures     INTEGER NOT NULL,  -- In a row.
    error        TEXT    NOT NULL,  -- Of the last round; empty when it ended well.
    events       INTEGER NOT NULL,  -- Read, each once.
    ignored      INTEGER NOT NULL   -- Of these no error, or not wanted.
) STRICT, WITHOUT ROWID;

-- Which events of a log store were seen, as long as its windows overlap.
CREATE TABLE poll_events (
    source   TEXT    NOT NULL,
    event_id TEXT    NOT NULL,
    at_ns    INTEGER NOT NULL,
    PRIMARY KEY (source, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX poll_events_by_time ON poll_events (source, at_ns);

-- Errors that were not frequent enough to become an alarm yet.
CREATE TABLE poll_counts (
    signature TEXT    PRIMARY KEY,
    count     INTEGER NOT NULL,
    seen_ns   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX poll_counts_by_time ON poll_counts (seen_ns);

-- What of a service's log is wanted. No row: everything.
CREATE TABLE service_polling (
    service         TEXT    PRIMARY KEY,
    enabled         INTEGER NOT NULL,
    error_classes   TEXT    NOT NULL,  -- JSON: [class, ...]; empty list: all.
    min_occurrences INTEGER NOT NULL,
    repository      TEXT    NOT NULL,  -- For the sentinel view.
    branch          TEXT    NOT NULL,
    interval_ms     INTEGER NOT NULL,
    updated_ns      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
