-- What people set for the detection of one service; NULL: the server's own.
CREATE TABLE detection_settings (
    service              TEXT    PRIMARY KEY,
    latency_ratio_min    REAL,
    latency_rise_min_ms  INTEGER,
    error_rise_min       REAL,
    errors_min           INTEGER,
    slow_query_low_ms    INTEGER,
    n_plus_one_calls_min INTEGER,
    burst_ratio_min      REAL,
    requests_min         INTEGER,
    windows_min          INTEGER,
    occurrences_min      INTEGER,
    kinds_off            TEXT    NOT NULL,  -- JSON: [kind, ...]
    updated_ns           INTEGER NOT NULL,
    version              INTEGER NOT NULL   -- For If-Match; 1 is a service without a row.
) STRICT, WITHOUT ROWID;

-- Signals that people do not want to hear of: those that fit every column that is set.
CREATE TABLE suppressions (
    id          TEXT    PRIMARY KEY,
    service     TEXT    NOT NULL CHECK (service <> ''),
    operation   INTEGER,           -- NULL: any.
    kind        TEXT,              -- NULL: any.
    fingerprint TEXT    NOT NULL,  -- Empty: any.
    reason      TEXT    NOT NULL CHECK (reason <> ''),
    until_ns    INTEGER,           -- NULL: until it is lifted.
    created_ns  INTEGER NOT NULL,
    created_by  TEXT    NOT NULL,
    lifted_ns   INTEGER,
    lifted_by   TEXT    NOT NULL,  -- Empty until then.
    hits        INTEGER NOT NULL,  -- Signals that it kept quiet.
    last_hit_ns INTEGER,
    rev         INTEGER NOT NULL
) STRICT;

-- The list of one service, newest first.
CREATE INDEX suppressions_by_service ON suppressions (service, id);
-- Those that a signal is compared with.
CREATE INDEX suppressions_standing ON suppressions (service, id) WHERE lifted_ns IS NULL;

-- Which of them kept the signal quiet; empty for none.
ALTER TABLE signals ADD COLUMN suppressed_by TEXT NOT NULL DEFAULT '';

-- The quiet ones, newest first.
CREATE INDEX signals_suppressed ON signals (id) WHERE suppressed_by <> '';
-- Where a signal was seen before it opened an incident.
CREATE INDEX signals_unplaced ON signals (fingerprint, window_end_ns) WHERE incident_id = '' AND suppressed_by = '';

-- What the detectors ask of a window beside its counts, so that they can be run again over it. NULL: written before
-- these columns were; of max_arrivals also: no arrivals were measured.
ALTER TABLE operation_windows ADD COLUMN failing_traces INTEGER;  -- 0, 1, or 2 for more.
ALTER TABLE operation_windows ADD COLUMN max_arrivals INTEGER;    -- Of one trace within 50 ms.
