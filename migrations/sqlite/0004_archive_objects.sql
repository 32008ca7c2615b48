-- Every object kept outside the database: evidence bundles and findings. A row goes once its object was
-- deleted wherever it was.
CREATE TABLE archive_objects (
    path       TEXT    PRIMARY KEY,  -- Below the data directory, and below the prefix in the bucket.
    kind       TEXT    NOT NULL CHECK (kind IN ('evidence', 'findings')),
    owner_id   TEXT    NOT NULL,     -- The evidence row; empty for findings.
    created_ns INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    place      TEXT    NOT NULL CHECK (place IN ('local', 'both', 'remote', 'removing')),
    attempts   INTEGER NOT NULL,     -- Uploads that failed.
    due_ns     INTEGER NOT NULL,     -- The next upload, while it is local only.
    error      TEXT    NOT NULL      -- Why the last upload failed.
) STRICT, WITHOUT ROWID;

-- The next upload.
CREATE INDEX archive_objects_waiting ON archive_objects (due_ns) WHERE place = 'local';
-- The oldest of a kind, for retention.
CREATE INDEX archive_objects_by_age ON archive_objects (kind, created_ns);
-- What is being deleted.
CREATE INDEX archive_objects_removing ON archive_objects (path) WHERE place = 'removing';

-- When retention deleted the bundle. NULL: it is there.
ALTER TABLE evidence ADD COLUMN expired_ns INTEGER;

INSERT INTO archive_objects (path, kind, owner_id, created_ns, bytes, sha256, place, attempts, due_ns, error)
    SELECT path, 'evidence', max(id), created_ns, bytes, sha256, 'local', 0, 0, '' FROM evidence GROUP BY path;
