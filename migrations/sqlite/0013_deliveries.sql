-- Where notices go: webhooks that people set up, and the Slack channel of the configuration (id 'slack').
CREATE TABLE notice_endpoints (
    id                TEXT    PRIMARY KEY,
    kind              TEXT    NOT NULL CHECK (kind IN ('webhook', 'slack')),
    url               TEXT    NOT NULL,  -- Slack: the channel.
    description       TEXT    NOT NULL,
    types             TEXT    NOT NULL,  -- JSON list of event types; empty: all.
    severity_from     TEXT    NOT NULL,  -- Notices about lesser incidents are not sent here.
    enabled           INTEGER NOT NULL,
    disabled_reason   TEXT    NOT NULL,  -- Empty while enabled.
    secret            TEXT    NOT NULL,  -- Sealed, base64. Slack: empty.
    previous_secret   TEXT    NOT NULL,  -- The same; signs, too, until ...
    previous_until_ns INTEGER NOT NULL,
    failing_since_ns  INTEGER,           -- The first failure after the last success.
    last_error        TEXT    NOT NULL,  -- Of the last failure; empty after a success.
    dropped           INTEGER NOT NULL,  -- Deliveries given up because the queue was full.
    created_ns        INTEGER NOT NULL,
    updated_ns        INTEGER NOT NULL,
    version           INTEGER NOT NULL
) STRICT;

-- One notice for one endpoint. Written in the transaction of what it tells about.
CREATE TABLE deliveries (
    id             TEXT    PRIMARY KEY,
    endpoint_id    TEXT    NOT NULL REFERENCES notice_endpoints (id) ON DELETE CASCADE,
    message_id     TEXT    NOT NULL,  -- webhook-id: the same for every attempt and every endpoint.
    notice_key     TEXT    NOT NULL,  -- What happened, as a key: told once.
    type           TEXT    NOT NULL,
    subject        TEXT    NOT NULL,  -- "approval/<id>"
    data           TEXT    NOT NULL,  -- JSON object: ids and numbers.
    at_ns          INTEGER NOT NULL,  -- When it happened.
    state          TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
    attempts       INTEGER NOT NULL,  -- Counted by the claim; the claim's token.
    attempts_known INTEGER NOT NULL,  -- Of these, how many ended so that we know how.
    rung           INTEGER NOT NULL,  -- Steps of the retry ladder used up since it was last started.
    due_ns         INTEGER NOT NULL,  -- Next attempt, or when the current claim expires.
    status         INTEGER NOT NULL,  -- HTTP status of the last attempt, 0 for none.
    error          TEXT    NOT NULL,
    snippet        TEXT    NOT NULL,  -- The beginning of the last answer.
    created_ns     INTEGER NOT NULL,
    ended_ns       INTEGER,
    version        INTEGER NOT NULL,
    UNIQUE (endpoint_id, notice_key)
) STRICT;

-- The next ones of an endpoint, and how many wait.
CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_ns) WHERE state = 'pending';
-- Lists, newest first; retention.
CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint_id, id);
CREATE INDEX deliveries_by_state ON deliveries (state, id);
CREATE INDEX deliveries_ended ON deliveries (ended_ns) WHERE state <> 'pending';

-- Which message in Slack tells about what: it is changed, not written again.
CREATE TABLE slack_messages (
    subject    TEXT    PRIMARY KEY,  -- "approval/<id>"
    channel    TEXT    NOT NULL,
    ts         TEXT    NOT NULL,
    created_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who a Slack user is here.
CREATE TABLE slack_people (
    person_id     TEXT    PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    slack_user_id TEXT    NOT NULL UNIQUE,
    linked_by     TEXT    NOT NULL,
    linked_ns     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
