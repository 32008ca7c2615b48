-- While the row is there no run is claimed: nothing is replayed and nothing is written outside.
CREATE TABLE run_pause (
    one       INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    reason    TEXT    NOT NULL,
    paused_by TEXT    NOT NULL,
    since_ns  INTEGER NOT NULL
) STRICT;
