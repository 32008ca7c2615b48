-- Where a service's tickets go, and its pull requests. An empty repository: it takes none.
ALTER TABLE services ADD COLUMN tracker TEXT NOT NULL DEFAULT 'file:tickets';
ALTER TABLE services ADD COLUMN repository TEXT NOT NULL DEFAULT '';

-- What an approval was asked on; when that moves, it is void. Rows from before know nothing of it, which never moves.
ALTER TABLE approvals ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN severity TEXT NOT NULL DEFAULT 'critical';
ALTER TABLE approvals ADD COLUMN evidence_sha256 TEXT NOT NULL DEFAULT '';
-- How much of its time people were told is over, in percent: 0, 50, 90.
ALTER TABLE approvals ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;

-- An effect of which nobody knows whether it happened is looked for again like one to be done.
DROP INDEX publications_due;
CREATE INDEX publications_due ON publications (due_ns) WHERE state IN ('pending', 'outcome_unknown');

-- Where to find an approval, for one person, once. The link itself is signed and kept nowhere.
CREATE TABLE approval_links (
    id           TEXT    PRIMARY KEY,
    approval_id  TEXT    NOT NULL REFERENCES approvals (id),
    content_hash TEXT    NOT NULL,
    person_id    TEXT    NOT NULL REFERENCES people (id),
    created_by   TEXT    NOT NULL,
    created_ns   INTEGER NOT NULL,
    expires_ns   INTEGER NOT NULL,
    used_ns      INTEGER
) STRICT;

-- Links of an approval, to limit them.
CREATE INDEX approval_links_by_approval ON approval_links (approval_id, id);
