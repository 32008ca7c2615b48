-- What targets answered in a run: one row for each exchange of its evidence and each arm, redacted.
CREATE TABLE run_answers (
    run_id      TEXT    NOT NULL REFERENCES runs (id),
    exchange    INTEGER NOT NULL,     -- Its place in the bundle.
    arm         TEXT    NOT NULL CHECK (arm IN ('failing', 'control', 'last_good')),
    evidence_id TEXT    NOT NULL,     -- They go when its bundle does.
    bytes       INTEGER NOT NULL,     -- Of content.
    saved_ns    INTEGER NOT NULL,
    content     TEXT    NOT NULL,     -- JSON object.
    PRIMARY KEY (run_id, exchange, arm)
) STRICT;

CREATE INDEX run_answers_by_evidence ON run_answers (evidence_id);
-- How much runs take, and which is the oldest.
CREATE INDEX run_answers_sizes ON run_answers (run_id, saved_ns, bytes);
