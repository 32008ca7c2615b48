-- Traces that were analysed: a row for each that is kept, and for some what they can be opened with.
CREATE TABLE traces (
    trace_id        TEXT    PRIMARY KEY,  -- 32 hex digits.
    service         TEXT    NOT NULL,     -- The root's.
    source          TEXT    NOT NULL,     -- Its operation, as in `operations`.
    operation_kind  TEXT    NOT NULL,
    protocol        TEXT    NOT NULL,
    method          TEXT    NOT NULL,
    route           TEXT    NOT NULL,
    agent           TEXT    NOT NULL,     -- Empty: no agent.
    started_ns      INTEGER NOT NULL,
    wall_ns         INTEGER NOT NULL,
    pattern         TEXT    NOT NULL,
    span_count      INTEGER NOT NULL,
    failed_count    INTEGER NOT NULL,
    service_count   INTEGER NOT NULL,
    is_complete     INTEGER NOT NULL CHECK (is_complete IN (0, 1)),
    waiting_human   INTEGER NOT NULL,     -- Where its time went, in ns; the sum is wall_ns.
    waiting_queue   INTEGER NOT NULL,
    waiting_backoff INTEGER NOT NULL,
    waiting_tool    INTEGER NOT NULL,
    io              INTEGER NOT NULL,
    compute         INTEGER NOT NULL,
    untracked       INTEGER NOT NULL,
    findings        TEXT    NOT NULL,     -- JSON array of kinds of signal.
    figures         TEXT    NOT NULL,     -- JSON object.
    kept_bytes      INTEGER NOT NULL,     -- Of report and spans; 0: they are not kept.
    saved_ns        INTEGER NOT NULL
) STRICT;

-- Lists, newest first; retention. A list of long traces walks it, and needs no row to leave a short one out.
CREATE INDEX traces_newest ON traces (started_ns, trace_id, wall_ns);
CREATE INDEX traces_by_service ON traces (service, started_ns, trace_id, wall_ns);
CREATE INDEX traces_by_pattern ON traces (pattern, started_ns, trace_id, wall_ns);
CREATE INDEX traces_with_findings ON traces (started_ns, trace_id, findings) WHERE findings <> '[]';
-- Those that can be opened: lists, and how much they take.
CREATE INDEX traces_opened ON traces (started_ns, trace_id, kept_bytes) WHERE kept_bytes > 0;
-- What there is to make reports of.
CREATE INDEX traces_grouped ON traces (service, agent, pattern, started_ns) WHERE pattern <> 'none';

-- Apart from the rows, so that lists stay small to read.
CREATE TABLE trace_texts (
    trace_id TEXT PRIMARY KEY REFERENCES traces (trace_id) ON DELETE CASCADE,
    report   TEXT NOT NULL,  -- JSON object.
    spans    TEXT NOT NULL   -- JSON array, redacted.
) STRICT;
