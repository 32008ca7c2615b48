-- When the person last proved who they are and how, and what a session is called without its token.
ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN authenticated_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN auth TEXT NOT NULL DEFAULT 'link';
UPDATE sessions SET id = substr(token_hash, 1, 26), authenticated_ns = created_ns;

CREATE UNIQUE INDEX sessions_by_id ON sessions (id);

-- A service account is no person: whatever the program does, it never approves.
ALTER TABLE people ADD COLUMN kind TEXT NOT NULL DEFAULT 'person'
    CHECK (kind = 'person' OR (kind = 'service' AND roles NOT LIKE '%approver%'));

CREATE TABLE passwords (
    person_id  TEXT    PRIMARY KEY REFERENCES people (id),
    hash       TEXT    NOT NULL,  -- argon2id with its salt and cost.
    changed_ns INTEGER NOT NULL
) STRICT;

-- Who somebody is at a provider of identities. The name there may change, these two do not.
CREATE TABLE identities (
    issuer    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    person_id TEXT    NOT NULL REFERENCES people (id),
    linked_ns INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens (
    id          TEXT    PRIMARY KEY,
    person_id   TEXT    NOT NULL REFERENCES people (id),
    name        TEXT    NOT NULL,
    secret_hash TEXT    NOT NULL,
    scopes      TEXT    NOT NULL,  -- "runs:read,runs:write"
    networks    TEXT    NOT NULL,  -- JSON: ["10.0.0.0/8", ...]; empty: from anywhere.
    created_by  TEXT    NOT NULL,
    created_ns  INTEGER NOT NULL,
    expires_ns  INTEGER NOT NULL,
    used_ns     INTEGER,
    revoked_ns  INTEGER
) STRICT;

-- Tokens of a person, newest first.
CREATE INDEX api_tokens_by_person ON api_tokens (person_id, id);

-- The head of the audit chain as it was now and then, signed with a key that can be checked in public.
CREATE TABLE audit_checkpoints (
    seq       INTEGER PRIMARY KEY,
    hash      TEXT    NOT NULL,
    at_ns     INTEGER NOT NULL,
    key_id    TEXT    NOT NULL,
    signature TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_checkpoints_are_never_edited BEFORE UPDATE ON audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'audit checkpoints are append-only');
END;

CREATE TRIGGER audit_checkpoints_are_never_cut BEFORE DELETE ON audit_checkpoints
BEGIN
    SELECT RAISE(ABORT, 'audit checkpoints are append-only');
END;
