/**
 * The tables, as steps from one version to the next; `PRAGMA user_version` says how many of them a database has taken.
 * A step that was released is never changed: what comes later is a step of its own.
 *
 * What is searched by is a column; the rest of a record is JSON text, the word exactly as it is sent.
 * `sequence` numbers all changes; `epoch` tells this database from another.
 */
export const MIGRATIONS: readonly string[] = [
  `
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
`,
  `
ALTER TABLE operations RENAME TO sync_operations;
ALTER TABLE sync_operations ADD COLUMN key TEXT;
ALTER TABLE sync_operations ADD COLUMN applied_keys TEXT;
ALTER TABLE sync_operations ADD COLUMN ended_at_ms INTEGER;
ALTER TABLE sync_operations ADD COLUMN is_file INTEGER NOT NULL DEFAULT 0;
UPDATE sync_operations SET ended_at_ms = CAST(round((julianday(json_extract(word, '$.timestamp')) - 2440587.5) * 86400000) AS INTEGER)
  WHERE status NOT IN ('pending', 'in_progress');
UPDATE sync_operations SET is_file = 1 WHERE status = 'completed' AND json_extract(upload, '$.bytes') = 'stored';
CREATE UNIQUE INDEX operations_key ON sync_operations (subject, key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX operations_version ON sync_operations (version);
CREATE INDEX operations_ended ON sync_operations (is_file, ended_at_ms) WHERE ended_at_ms IS NOT NULL;
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE feeds (
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE connection_status (
  subject TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  last_ping_ms INTEGER NOT NULL,
  client TEXT NOT NULL,
  PRIMARY KEY (subject, connection_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_status_heard ON connection_status (last_ping_ms);
CREATE TABLE sync_status_snapshots (
  id INTEGER PRIMARY KEY,
  taken_at_ms INTEGER NOT NULL,
  snapshot TEXT NOT NULL
) STRICT;
CREATE INDEX sync_status_snapshots_taken ON sync_status_snapshots (taken_at_ms);
`,
]
