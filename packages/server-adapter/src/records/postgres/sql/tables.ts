/**
 * A row of `sync_operations` is the last word on an operation, a column for each field of the wire, and what the server knows besides.
 * Every column that a plain INSERT may leave out has a default.
 */
export const TABLES = `
CREATE TABLE sync_meta (
  id integer PRIMARY KEY CHECK (id = 1),
  schema_version integer NOT NULL DEFAULT 0,
  epoch text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
  sequence bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE sync_meta IS 'One row: the sequence that numbers all changes, and the epoch that tells this database from another.';
INSERT INTO sync_meta (id) VALUES (1);

CREATE TABLE sync_jobs (
  job_id text PRIMARY KEY,
  subject text NOT NULL
);
COMMENT ON TABLE sync_jobs IS 'Batches, each bound to the first subject that used it.';

CREATE TABLE sync_operations (
  operation_id text PRIMARY KEY DEFAULT replace(gen_random_uuid()::text, '-', ''),
  version bigint NOT NULL,
  operation_type text NOT NULL CHECK (operation_type IN ('upload', 'delete', 'update', 'full_sync', 'webhook')),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
  progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  message text,
  "timestamp" timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  performance_data jsonb,
  job_id text,
  client_ref text,
  attempt bigint,
  "position" bigint,
  stage text,
  file jsonb,
  total_items double precision,
  processed_items double precision,
  failed_items double precision,
  triggered_by text,
  source text,
  result jsonb,
  error jsonb,
  more jsonb,
  subject text NOT NULL DEFAULT 'everyone',
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  upload jsonb,
  key text,
  applied_keys jsonb,
  is_file boolean NOT NULL GENERATED ALWAYS AS (status = 'completed' AND coalesce(upload ->> 'bytes', '') = 'stored') STORED
) WITH (autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE sync_operations IS 'What the server does: the last word on each operation. Every change, by whoever, takes the next version by itself.';
COMMENT ON COLUMN sync_operations.version IS 'The place of the last change among all changes.';
COMMENT ON COLUMN sync_operations.more IS 'Fields of the wire that this release does not know.';
COMMENT ON COLUMN sync_operations.subject IS 'Whose it is.';
COMMENT ON COLUMN sync_operations.upload IS 'Where the bytes of an upload stand.';
COMMENT ON COLUMN sync_operations.key IS 'What the program named the call by that created it.';
COMMENT ON COLUMN sync_operations.applied_keys IS 'Keys of the last calls that changed it, oldest first.';
CREATE UNIQUE INDEX sync_operations_version ON sync_operations (version);
CREATE UNIQUE INDEX sync_operations_attempt ON sync_operations (subject, client_ref, attempt)
  WHERE client_ref IS NOT NULL AND attempt IS NOT NULL;
CREATE UNIQUE INDEX sync_operations_key ON sync_operations (subject, key) WHERE key IS NOT NULL;
CREATE INDEX sync_operations_subject ON sync_operations (subject, version);
CREATE INDEX sync_operations_job ON sync_operations (job_id, version) WHERE job_id IS NOT NULL;
CREATE INDEX sync_operations_unfinished ON sync_operations (operation_id) WHERE status IN ('pending', 'in_progress');
CREATE INDEX sync_operations_expiry ON sync_operations (((upload ->> 'expiresAtMs')::double precision))
  WHERE status = 'pending' AND upload ->> 'expiresAtMs' IS NOT NULL;
CREATE INDEX sync_operations_ended ON sync_operations (is_file, "timestamp") WHERE status IN ('completed', 'failed', 'cancelled');

CREATE TABLE sync_writes (
  write_id uuid PRIMARY KEY,
  base bigint,
  versions bigint[],
  written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE sync_writes IS 'The last writes of each server: one whose answer was lost finds here whether it was done. Kept for an hour.';
CREATE INDEX sync_writes_written ON sync_writes (written_at);

CREATE TABLE sync_leases (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until timestamptz NOT NULL
);
COMMENT ON TABLE sync_leases IS 'Work that one process at a time does.';

CREATE TABLE sync_feeds (
  name text PRIMARY KEY,
  version bigint NOT NULL
);
COMMENT ON TABLE sync_feeds IS 'How far each publisher has told of the changes.';

CREATE TABLE connection_status (
  subject text NOT NULL,
  connection_id text NOT NULL,
  status text NOT NULL,
  transport text NOT NULL,
  latency double precision,
  reconnect_attempts double precision NOT NULL,
  connected_at timestamptz(3) NOT NULL,
  last_ping timestamptz(3) NOT NULL,
  PRIMARY KEY (subject, connection_id)
);
COMMENT ON TABLE connection_status IS 'Clients that follow operations, as they described themselves last.';
CREATE INDEX connection_status_heard ON connection_status (last_ping);
CREATE INDEX connection_status_subject ON connection_status (subject, last_ping);

CREATE TABLE sync_status_snapshots (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  taken_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  metrics jsonb NOT NULL,
  health jsonb NOT NULL,
  connections bigint NOT NULL,
  active_operations bigint NOT NULL
);
COMMENT ON TABLE sync_status_snapshots IS 'What the server looked like at one time.';
CREATE INDEX sync_status_snapshots_taken ON sync_status_snapshots (taken_at);
`
