-- Approvals that somebody put off: out of that person's way, and nobody else's, until then.
CREATE TABLE approval_snoozes (
    person_id   TEXT    NOT NULL REFERENCES people (id),
    approval_id TEXT    NOT NULL REFERENCES approvals (id),
    until_ns    INTEGER NOT NULL,
    created_ns  INTEGER NOT NULL,
    PRIMARY KEY (person_id, approval_id)
) STRICT, WITHOUT ROWID;

-- Those whose time is up.
CREATE INDEX approval_snoozes_by_time ON approval_snoozes (until_ns);

-- Why it is void; empty while it is not, and for those that were before this column.
ALTER TABLE approvals ADD COLUMN void_reason TEXT NOT NULL DEFAULT '';

-- Put off by somebody, for everybody: until when, why and by whom.
ALTER TABLE incidents ADD COLUMN snoozed_until_ns INTEGER;
ALTER TABLE incidents ADD COLUMN snooze_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN snoozed_by TEXT NOT NULL DEFAULT '';

CREATE INDEX incidents_snoozed ON incidents (snoozed_until_ns) WHERE snoozed_until_ns IS NOT NULL;
-- Open ones of one person, newest first.
CREATE INDEX incidents_open_by_assignee ON incidents (assigned_to, id) WHERE open = 1;

-- One service in one window, all its operations together: what the start page draws, without reading operations.
CREATE TABLE service_windows (
    service         TEXT    NOT NULL,
    window_start_ns INTEGER NOT NULL,
    window_ns       INTEGER NOT NULL,
    requests        INTEGER NOT NULL,
    failing         INTEGER NOT NULL,
    p95_ns          INTEGER NOT NULL,
    lag_ns          INTEGER NOT NULL,  -- From the window's end until it was stored.
    PRIMARY KEY (service, window_start_ns)
) STRICT, WITHOUT ROWID;

-- The newest of all services; retention.
CREATE INDEX service_windows_by_time ON service_windows (window_start_ns, service, requests, lag_ns);
