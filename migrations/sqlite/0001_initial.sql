-- The first schema. Times are nanoseconds since 1970 in UTC, ids are ULIDs (they sort by time), hashes
-- are lower-case hex, enums are their names. Every index says which query needs it. This file is never
-- edited once released: a change is a new file.

CREATE TABLE database_identity (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    epoch      TEXT    NOT NULL,
    created_ns INTEGER NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------ live outbox

-- One row per visible change, in commit order without gaps. Pruned by count from the old end.
CREATE TABLE live_events (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ns     INTEGER NOT NULL,
    topic     TEXT    NOT NULL,
    type      TEXT    NOT NULL,
    entity_id TEXT    NOT NULL,
    rev       INTEGER NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------ observed

CREATE TABLE services (
    name                  TEXT    PRIMARY KEY CHECK (name <> ''),
    replay_target         TEXT    NOT NULL,
    replay_unsafe_methods INTEGER NOT NULL CHECK (replay_unsafe_methods IN (0, 1)),
    owner                 TEXT    NOT NULL,
    first_seen_ns         INTEGER NOT NULL,
    last_seen_ns          INTEGER NOT NULL,
    records               INTEGER NOT NULL,
    version               INTEGER NOT NULL,  -- Of the settings, for If-Match.
    rev                   INTEGER NOT NULL   -- Of everything visible, for live events.
) STRICT, WITHOUT ROWID;

-- id is the 64-bit hash of the other columns, as a signed number.
CREATE TABLE operations (
    id             INTEGER PRIMARY KEY,
    source         TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    service        TEXT    NOT NULL,
    protocol       TEXT    NOT NULL,
    method         TEXT    NOT NULL,
    route          TEXT    NOT NULL,
    first_seen_ns  INTEGER NOT NULL,
    last_window_ns INTEGER  -- Start of the newest window with a row; NULL before the first.
) STRICT;

-- Operations and baselines of one service, in the order they are shown.
CREATE INDEX operations_by_service ON operations (service, kind, route, method);

-- Clustered by time: a closing window appends its rows to the end of the file, and retention takes them
-- from the front. (Clustered by operation, each row of a window dirties a page of its own.) A chart finds
-- its windows in window_starts, then one row in each. No foreign key: the rows of a window are written
-- thousands at a time, after their operations, in one transaction.
CREATE TABLE operation_windows (
    window_start_ns INTEGER NOT NULL,
    operation       INTEGER NOT NULL,
    window_ns       INTEGER NOT NULL CHECK (window_ns > 0),
    ok              INTEGER NOT NULL,
    client_error    INTEGER NOT NULL,
    throttled       INTEGER NOT NULL,
    server_error    INTEGER NOT NULL,
    cancelled       INTEGER NOT NULL,
    p50_ns          INTEGER NOT NULL,
    p90_ns          INTEGER NOT NULL,
    p95_ns          INTEGER NOT NULL,
    max_ns          INTEGER NOT NULL,
    anomalous       INTEGER NOT NULL,
    sketch          BLOB    NOT NULL,
    PRIMARY KEY (window_start_ns, operation)
) STRICT, WITHOUT ROWID;

-- Each start that has rows above, once.
CREATE TABLE window_starts (
    window_start_ns INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE baselines (
    operation  INTEGER PRIMARY KEY,
    updated_ns INTEGER NOT NULL,
    state      BLOB    NOT NULL
) STRICT;

-- All services together, per window.
CREATE TABLE traffic (
    window_start_ns INTEGER PRIMARY KEY,
    records         INTEGER NOT NULL,
    failing         INTEGER NOT NULL
) STRICT;

-- ------------------------------------------------------------------------------------ found

CREATE TABLE signals (
    id               TEXT    PRIMARY KEY,
    kind             TEXT    NOT NULL,
    severity         TEXT    NOT NULL,
    source           TEXT    NOT NULL,
    operation_kind   TEXT    NOT NULL,
    service          TEXT    NOT NULL,
    protocol         TEXT    NOT NULL,
    method           TEXT    NOT NULL,
    route            TEXT    NOT NULL,
    operation        INTEGER NOT NULL,
    window_start_ns  INTEGER NOT NULL,
    window_end_ns    INTEGER NOT NULL,
    metric           TEXT    NOT NULL,
    unit             TEXT    NOT NULL,
    observed         REAL    NOT NULL,
    observed_k       INTEGER NOT NULL,
    observed_n       INTEGER NOT NULL,
    baseline         REAL    NOT NULL,
    baseline_k       INTEGER NOT NULL,
    baseline_n       INTEGER NOT NULL,
    baseline_windows INTEGER NOT NULL,
    baseline_age_ns  INTEGER NOT NULL,
    effect           REAL    NOT NULL,
    p_value          REAL,
    rule             TEXT    NOT NULL,
    explanation      TEXT    NOT NULL,
    sensitivity      TEXT    NOT NULL,
    numbers          TEXT    NOT NULL,  -- JSON: [[name, value], ...]
    message          TEXT    NOT NULL,
    fingerprint      TEXT    NOT NULL,
    confirm_with     TEXT    NOT NULL,
    gate             REAL    NOT NULL,
    trace_ids        TEXT    NOT NULL,  -- JSON: [hex, ...]
    evidence_id      TEXT    NOT NULL,  -- Empty until archived.
    incident_id      TEXT    NOT NULL,  -- Empty until correlated.
    rev              INTEGER NOT NULL
) STRICT;

-- The signal list of one service, newest first; of one kind, newest first.
CREATE INDEX signals_by_service ON signals (service, id);
CREATE INDEX signals_by_kind ON signals (kind, id);
-- Signals of one incident, newest first, and which kinds it has.
CREATE INDEX signals_by_incident ON signals (incident_id, id, kind);
-- Recent signals of one service, for joining new ones to them.
CREATE INDEX signals_recent ON signals (service, window_end_ns);
-- Signals of the last hour, for the overview.
CREATE INDEX signals_by_end ON signals (window_end_ns);

CREATE TABLE evidence (
    id              TEXT    PRIMARY KEY,
    signal_id       TEXT    NOT NULL,
    service         TEXT    NOT NULL,
    fingerprint     TEXT    NOT NULL,
    window_start_ns INTEGER NOT NULL,
    created_ns      INTEGER NOT NULL,
    path            TEXT    NOT NULL,
    sha256          TEXT    NOT NULL,
    bytes           INTEGER NOT NULL,
    failing         INTEGER NOT NULL,
    control         INTEGER NOT NULL,
    cut             INTEGER NOT NULL
) STRICT;

-- Bundles of a signal, and through its signals of an incident.
CREATE INDEX evidence_by_signal ON evidence (signal_id, id);

-- ------------------------------------------------------------------------------------ incidents

CREATE TABLE incidents (
    id            TEXT    PRIMARY KEY,
    service       TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    severity      TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    phase         TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    generation    INTEGER NOT NULL,
    occurrences   INTEGER NOT NULL,
    signal_count  INTEGER NOT NULL,
    recurred      INTEGER NOT NULL,
    opened_ns     INTEGER NOT NULL,
    updated_ns    INTEGER NOT NULL,
    first_seen_ns INTEGER NOT NULL,
    last_seen_ns  INTEGER NOT NULL,
    resolved_ns   INTEGER,
    assigned_to   TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    open          INTEGER NOT NULL,  -- Follows from status; kept for the indexes below.
    severity_rank INTEGER NOT NULL   -- Follows from severity: 0 low to 3 critical.
) STRICT;

-- The list by one filter, newest first.
CREATE INDEX incidents_by_status ON incidents (status, id);
CREATE INDEX incidents_by_service ON incidents (service, id);
CREATE INDEX incidents_by_severity ON incidents (severity, id);
-- Open ones: the default list, the worst ones and the counts of the overview, and the count per service.
CREATE INDEX incidents_open ON incidents (id) WHERE open = 1;
CREATE INDEX incidents_open_worst ON incidents (severity_rank, id) WHERE open = 1;
CREATE INDEX incidents_open_by_service ON incidents (service, id) WHERE open = 1;

-- Who, why, from, to, when.
CREATE TABLE incident_events (
    incident_id TEXT    NOT NULL REFERENCES incidents (id),
    sequence    INTEGER NOT NULL,
    at_ns       INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    from_state  TEXT    NOT NULL,
    to_state    TEXT    NOT NULL,
    why         TEXT    NOT NULL,
    PRIMARY KEY (incident_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident_fingerprints (
    fingerprint TEXT    NOT NULL,
    incident_id TEXT    NOT NULL REFERENCES incidents (id),
    active      INTEGER NOT NULL,
    attached_ns INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, incident_id)
) STRICT, WITHOUT ROWID;

-- At most one incident carries a fingerprint actively: two racing detectors make one incident.
CREATE UNIQUE INDEX incident_fingerprints_active ON incident_fingerprints (fingerprint) WHERE active = 1;
-- Fingerprints of one incident.
CREATE INDEX incident_fingerprints_by_incident ON incident_fingerprints (incident_id, fingerprint);

-- Which events were counted already. Pruned by time.
CREATE TABLE occurrences (
    event_key   TEXT    PRIMARY KEY,
    incident_id TEXT    NOT NULL,
    counted_ns  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Retention.
CREATE INDEX occurrences_by_time ON occurrences (counted_ns);

-- ------------------------------------------------------------------------------------ runs

CREATE TABLE runs (
    id             TEXT    PRIMARY KEY,
    kind           TEXT    NOT NULL,
    incident_id    TEXT    NOT NULL REFERENCES incidents (id),
    generation     INTEGER NOT NULL,
    requested_by   TEXT    NOT NULL,
    created_ns     INTEGER NOT NULL,
    evidence_id    TEXT    NOT NULL,
    signal_id      TEXT    NOT NULL,
    state          TEXT    NOT NULL,
    step           TEXT    NOT NULL,
    attempt        INTEGER NOT NULL,
    attempts_max   INTEGER NOT NULL,
    not_before_ns  INTEGER NOT NULL,
    lease_epoch    INTEGER NOT NULL,
    lease_owner    TEXT    NOT NULL,
    lease_until_ns INTEGER NOT NULL,
    verdict        TEXT,
    result         TEXT    NOT NULL,  -- JSON.
    error          TEXT    NOT NULL,
    risk           TEXT    NOT NULL,
    updated_ns     INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    active         INTEGER NOT NULL   -- Follows from state.
) STRICT;

-- What the claim looks at, and nothing else.
CREATE INDEX runs_queued ON runs (state, not_before_ns);
CREATE INDEX runs_leased ON runs (state, lease_until_ns);
-- Lists, newest first: of an incident, by state, active ones.
CREATE INDEX runs_by_incident ON runs (incident_id, id);
CREATE INDEX runs_by_state ON runs (state, id);
CREATE INDEX runs_active ON runs (id) WHERE active = 1;

-- The checkpoints.
CREATE TABLE run_steps (
    run_id     TEXT    NOT NULL REFERENCES runs (id),
    name       TEXT    NOT NULL,
    attempt    INTEGER NOT NULL,
    output     TEXT    NOT NULL,  -- JSON.
    started_ns INTEGER NOT NULL,
    ended_ns   INTEGER NOT NULL,
    PRIMARY KEY (run_id, name)
) STRICT;

CREATE TABLE run_events (
    run_id   TEXT    NOT NULL REFERENCES runs (id),
    sequence INTEGER NOT NULL,
    at_ns    INTEGER NOT NULL,
    type     TEXT    NOT NULL,
    data     TEXT    NOT NULL,  -- JSON.
    PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;

-- What a replay marked its requests with.
CREATE TABLE replay_marks (
    mark       INTEGER PRIMARY KEY,
    run_id     TEXT    NOT NULL,
    created_ns INTEGER NOT NULL
) STRICT;

-- Recent marks, and retention.
CREATE INDEX replay_marks_by_time ON replay_marks (created_ns);

-- ------------------------------------------------------------------------------------ people decide

CREATE TABLE approvals (
    id               TEXT    PRIMARY KEY,
    run_id           TEXT    NOT NULL REFERENCES runs (id),
    incident_id      TEXT    NOT NULL REFERENCES incidents (id),
    action           TEXT    NOT NULL,
    requested_by     TEXT    NOT NULL,
    created_ns       INTEGER NOT NULL,
    summary          TEXT    NOT NULL,
    content          TEXT    NOT NULL,  -- Canonical JSON.
    content_hash     TEXT    NOT NULL,
    risk             TEXT    NOT NULL,
    risk_reasons     TEXT    NOT NULL,  -- JSON: [text, ...]
    approvals_needed INTEGER NOT NULL,
    edited_by        TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    expires_ns       INTEGER NOT NULL,
    decided_ns       INTEGER,
    version          INTEGER NOT NULL
) STRICT;

-- One pending approval per run.
CREATE UNIQUE INDEX approvals_pending ON approvals (run_id) WHERE state = 'pending';
-- The newest approval of a run, of an incident; the list by state, newest first.
CREATE INDEX approvals_by_run ON approvals (run_id, id);
CREATE INDEX approvals_by_incident ON approvals (incident_id, id);
CREATE INDEX approvals_by_state ON approvals (state, id);
-- Those whose time passes.
CREATE INDEX approvals_expiring ON approvals (state, expires_ns);
CREATE INDEX approvals_lapsing ON approvals (state, decided_ns);

CREATE TABLE decisions (
    approval_id  TEXT    NOT NULL REFERENCES approvals (id),
    person       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    comment      TEXT    NOT NULL,
    content_hash TEXT    NOT NULL,
    at_ns        INTEGER NOT NULL,
    PRIMARY KEY (approval_id, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE preferences (
    id           TEXT    PRIMARY KEY,
    incident_id  TEXT    NOT NULL,
    run_id       TEXT    NOT NULL,
    approval_id  TEXT    NOT NULL,
    rejected     TEXT    NOT NULL,  -- JSON.
    chosen       TEXT    NOT NULL,  -- JSON; empty until completed.
    created_ns   INTEGER NOT NULL,
    completed_ns INTEGER
) STRICT;

-- Those an approval completes.
CREATE INDEX preferences_open ON preferences (incident_id) WHERE completed_ns IS NULL;

-- Effects outside: to be done, done, given up.
CREATE TABLE publications (
    id              TEXT    PRIMARY KEY,
    idempotency_key TEXT    NOT NULL UNIQUE,
    run_id          TEXT    NOT NULL REFERENCES runs (id),
    incident_id     TEXT    NOT NULL REFERENCES incidents (id),
    kind            TEXT    NOT NULL,
    target          TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    content         TEXT    NOT NULL,  -- Canonical JSON.
    url             TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    due_ns          INTEGER NOT NULL,
    error           TEXT    NOT NULL,
    created_ns      INTEGER NOT NULL,
    published_ns    INTEGER,
    version         INTEGER NOT NULL
) STRICT;

-- The next one to do.
CREATE INDEX publications_due ON publications (due_ns) WHERE state = 'pending';
-- Of a run, of an incident, newest first.
CREATE INDEX publications_by_run ON publications (run_id, id);
CREATE INDEX publications_by_incident ON publications (incident_id, id);

-- ------------------------------------------------------------------------------------ people

CREATE TABLE people (
    id         TEXT    PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE CHECK (name <> ''),
    roles      TEXT    NOT NULL,  -- "viewer,operator"
    disabled   INTEGER NOT NULL,
    created_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT    PRIMARY KEY,
    csrf       TEXT    NOT NULL,
    person_id  TEXT    NOT NULL REFERENCES people (id),
    created_ns INTEGER NOT NULL,
    used_ns    INTEGER NOT NULL
) STRICT;

-- Sessions of a person, to end them or the oldest of them.
CREATE INDEX sessions_by_person ON sessions (person_id, created_ns);

CREATE TABLE sign_in_links (
    token_hash TEXT    PRIMARY KEY,
    person_id  TEXT    NOT NULL REFERENCES people (id),
    expires_ns INTEGER NOT NULL,
    used_ns    INTEGER
) STRICT;

-- Links of a person, to end them.
CREATE INDEX sign_in_links_by_person ON sign_in_links (person_id);

-- ------------------------------------------------------------------------------------ audit

-- A chain: each hash covers the row and the hash before it, under a key that is not in this file.
CREATE TABLE audit_log (
    seq           INTEGER PRIMARY KEY,
    at_ns         INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    actor_type    TEXT    NOT NULL,
    auth          TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    object        TEXT    NOT NULL,
    detail        TEXT    NOT NULL,
    request_id    TEXT    NOT NULL,
    previous_hash TEXT    NOT NULL,
    hash          TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_log_is_never_edited BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_log_is_never_cut BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- The last row, signed, so that a missing tail is seen.
CREATE TABLE audit_head (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    seq       INTEGER NOT NULL,
    hash      TEXT    NOT NULL,
    signature TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_head_is_never_cut BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'the audit head is never deleted');
END;
