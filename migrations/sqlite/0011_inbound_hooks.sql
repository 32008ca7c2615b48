-- What other systems told us by webhooks, as it came: kept before the sender hears that it was taken, worked on
-- afterwards, kept for a while so that a repeated delivery is known.
CREATE TABLE inbound_hooks (
    id           TEXT    PRIMARY KEY,  -- ULID: the order of arrival.
    source       TEXT    NOT NULL,     -- github, generic/<name>, ...
    dedup_key    TEXT    NOT NULL,     -- The sender's name for the delivery.
    body_key     TEXT,                 -- SHA-256 of the body where equal bodies are one event; else NULL.
    event        TEXT    NOT NULL,     -- What the sender calls its kind: workflow_run.
    body         BLOB    NOT NULL,     -- Sealed. Empty once it was dropped for room.
    body_bytes   INTEGER NOT NULL,     -- Of what is kept.
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    attempts     INTEGER NOT NULL,     -- Counted before the work; the claim's token.
    due_ns       INTEGER NOT NULL,     -- Not worked on before.
    reason       TEXT    NOT NULL,     -- Why it failed, or what came of it.
    alarms       INTEGER NOT NULL,     -- Taken from it.
    repeats      INTEGER NOT NULL,     -- Deliveries of the same after the first.
    received_ns  INTEGER NOT NULL,
    processed_ns INTEGER,
    version      INTEGER NOT NULL
) STRICT;

-- Each delivery once.
CREATE UNIQUE INDEX inbound_hooks_keys ON inbound_hooks (source, dedup_key);
CREATE UNIQUE INDEX inbound_hooks_bodies ON inbound_hooks (source, body_key) WHERE body_key IS NOT NULL;
-- The next to be worked on, lists of one state, the oldest of it and what their bodies weigh.
CREATE INDEX inbound_hooks_states ON inbound_hooks (state, id, body_bytes);

-- What hooks said about things that exist outside (a pull request was merged, a deployment is done).
CREATE TABLE hook_events (
    id      TEXT    PRIMARY KEY,  -- ULID.
    hook_id TEXT    NOT NULL,     -- inbound_hooks, while it is kept.
    source  TEXT    NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('pull_request_merged', 'pull_request_closed', 'deployed')),
    subject TEXT    NOT NULL,     -- URL of the pull request; of a deployment its repository.
    detail  TEXT    NOT NULL,     -- JSON: numbers, names, commits.
    at_ns   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was said about one thing.
CREATE INDEX hook_events_subject ON hook_events (subject, id);
