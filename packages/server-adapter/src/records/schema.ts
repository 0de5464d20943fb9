/** Version of the tables, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1

/**
 * What is searched by is a column; the rest of a record is two JSON texts, the word exactly as it is sent.
 * `sequence` numbers all changes; `epoch` tells this database from another.
 */
export const SCHEMA = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch TEXT NOT NULL,
  sequence INTEGER NOT NULL
) STRICT;
CREATE TABLE jobs (
  job_id TEXT PRIMARY KEY,
  subject TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE operations (
  operation_id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  subject TEXT NOT NULL,
  job_id TEXT,
  client_ref TEXT,
  attempt INTEGER,
  status TEXT NOT NULL,
  superseded INTEGER NOT NULL,
  expires_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL,
  word TEXT NOT NULL,
  upload TEXT
) STRICT;
CREATE UNIQUE INDEX operations_attempt ON operations (subject, client_ref, attempt) WHERE client_ref IS NOT NULL AND attempt IS NOT NULL;
CREATE INDEX operations_subject ON operations (subject, version);
CREATE INDEX operations_job ON operations (job_id, version) WHERE job_id IS NOT NULL;
CREATE INDEX operations_unfinished ON operations (operation_id) WHERE status IN ('pending', 'in_progress');
CREATE INDEX operations_expiry ON operations (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
`
