-- Which version of a service ran from when on. 'first' is the version a service was first seen with: it is known,
-- but no deployment. 'observed' came with the records, 'reported' by the API. Pruned by count per service.
CREATE TABLE deployments (
    service    TEXT    NOT NULL,
    at_ns      INTEGER NOT NULL,
    version    TEXT    NOT NULL CHECK (version <> ''),
    origin     TEXT    NOT NULL CHECK (origin IN ('first', 'observed', 'reported')),
    created_ns INTEGER NOT NULL,
    PRIMARY KEY (service, at_ns, version)
) STRICT, WITHOUT ROWID;

-- Whether a version is known.
CREATE INDEX deployments_by_version ON deployments (service, version);

-- Operations beyond the limit of their service: what was counted under "(overflow)", the most frequent ones.
CREATE TABLE overflow_routes (
    service      TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    method       TEXT    NOT NULL,
    route        TEXT    NOT NULL,
    records      INTEGER NOT NULL,
    last_seen_ns INTEGER NOT NULL,
    PRIMARY KEY (service, source, kind, method, route)
) STRICT, WITHOUT ROWID;

-- The worst of a service first.
CREATE INDEX overflow_routes_by_records ON overflow_routes (service, records);
