-- upload-panel for a Supabase project: tables, who may read and hear what, and the publication.
--
-- Run it in the SQL editor; or copy it to supabase/migrations/<timestamp>_upload_panel.sql and run `supabase db push`. It can be run again, and brings an older
-- schema up to date. Who is who is told by the claim `sub` of the user's token, which is the subject of their operations.
--
-- Pages then follow by broadcast that your server sends (`supabasePublisher`), by the changes of rows (`tableChanges`), or by broadcast that the database
-- sends: SELECT sync_broadcast_changes(true);
--
-- Made from packages/server-adapter/src/records; not edited by hand.

DO $upload_panel$
DECLARE
  path_before text := current_setting('search_path');
  taken integer := 0;
BEGIN
  IF to_regrole('service_role') IS NULL OR to_regclass('realtime.messages') IS NULL THEN
    RAISE EXCEPTION 'This is for a database of Supabase, which has the role service_role and the table realtime.messages.';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('upload-panel public', 0));
  PERFORM set_config('search_path', 'public, pg_temp', true);
  IF to_regclass('public.sync_meta') IS NOT NULL THEN
    SELECT schema_version INTO taken FROM public.sync_meta;
  END IF;
  IF taken > 1 THEN
    RAISE EXCEPTION 'The tables were written by a newer release (version %, this one knows 1).', taken;
  END IF;

  IF taken < 1 THEN
    EXECUTE $step_1$
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


CREATE FUNCTION sync_lock_sequence() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM FROM sync_meta FOR NO KEY UPDATE;
  RETURN NULL;
END $$;

CREATE FUNCTION sync_give_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE sync_meta SET sequence = sequence + 1 RETURNING sequence INTO NEW.version;
  IF TG_OP = 'INSERT' THEN
    NEW.position := coalesce(NEW.position, NEW.version);
  ELSIF NEW.timestamp = OLD.timestamp THEN
    NEW.timestamp := clock_timestamp();
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION sync_notify() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  newest bigint;
  operations jsonb;
  payload text;
BEGIN
  SELECT max(version), jsonb_object_agg(operation_id, version) INTO newest, operations FROM changed;
  IF newest IS NULL THEN
    RETURN NULL;
  END IF;
  payload := jsonb_build_object('version', newest, 'operations', operations)::text;
  -- PostgreSQL takes less than 8000 bytes; who hears of no ids reads what is new.
  IF octet_length(payload) >= 8000 THEN
    payload := jsonb_build_object('version', newest)::text;
  END IF;
  PERFORM pg_notify(TG_TABLE_SCHEMA || '_changes', payload);
  RETURN NULL;
END $$;

CREATE TRIGGER sync_lock_sequence BEFORE INSERT OR UPDATE ON sync_operations
  FOR EACH STATEMENT EXECUTE FUNCTION sync_lock_sequence();
CREATE TRIGGER sync_give_first_version BEFORE INSERT ON sync_operations
  FOR EACH ROW WHEN (NEW.version IS NULL) EXECUTE FUNCTION sync_give_version();
CREATE TRIGGER sync_give_version BEFORE UPDATE ON sync_operations
  FOR EACH ROW WHEN (NEW.version = OLD.version) EXECUTE FUNCTION sync_give_version();
CREATE TRIGGER sync_notify_inserted AFTER INSERT ON sync_operations
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync_notify();
CREATE TRIGGER sync_notify_updated AFTER UPDATE ON sync_operations
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sync_notify();


CREATE FUNCTION sync_plain_text(value text, max_length integer DEFAULT 2000) RETURNS text LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT left(regexp_replace($1, '[\u0001-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF]', '', 'g'), $2)
$$;
COMMENT ON FUNCTION sync_plain_text IS 'Text for people, without control characters, and not too long.';

CREATE FUNCTION create_sync_operation(
  operation_type text,
  total_items double precision DEFAULT NULL,
  triggered_by text DEFAULT NULL,
  source text DEFAULT NULL,
  subject text DEFAULT 'everyone',
  job_id text DEFAULT NULL,
  message text DEFAULT NULL,
  key text DEFAULT NULL
) RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  id text;
BEGIN
  IF $6 IS NOT NULL THEN
    INSERT INTO sync_jobs (job_id, subject) VALUES ($6, $5) ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO sync_operations AS made (operation_type, total_items, triggered_by, source, subject, job_id, message, key)
    VALUES ($1, $2, sync_plain_text($3, 200), sync_plain_text($4, 200), $5, $6, sync_plain_text($7), $8)
    ON CONFLICT (subject, key) WHERE key IS NOT NULL DO NOTHING
    RETURNING made.operation_id INTO id;
  IF id IS NULL THEN
    SELECT found.operation_id INTO id FROM sync_operations AS found WHERE found.subject = $5 AND found.key = $8;
  END IF;
  RETURN id;
END $$;
COMMENT ON FUNCTION create_sync_operation IS 'Begins an operation and answers its id. The same key of the same subject is the same operation.';

CREATE FUNCTION update_sync_progress(
  operation_id text,
  progress double precision,
  processed double precision DEFAULT NULL,
  failed double precision DEFAULT NULL,
  message text DEFAULT NULL
) RETURNS bigint LANGUAGE sql SET search_path FROM CURRENT AS $$
  UPDATE sync_operations SET
    status = 'in_progress',
    progress = CASE WHEN $2 IS NULL OR $2 IN ('NaN', 'Infinity', '-Infinity') THEN 0 ELSE least(100, greatest(0, $2)) END,
    processed_items = coalesce($3, processed_items),
    failed_items = coalesce($4, failed_items),
    message = coalesce(sync_plain_text($5), message)
  WHERE sync_operations.operation_id = $1 AND status IN ('pending', 'in_progress')
  RETURNING version
$$;
COMMENT ON FUNCTION update_sync_progress IS 'Says how far an operation is. Answers its new version; NULL where it has ended or there is none, and nothing is changed.';

CREATE FUNCTION complete_sync_operation(operation_id text, status text, details jsonb DEFAULT '{}') RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  given jsonb := coalesce($3, '{}');
  new_version bigint;
BEGIN
  IF $2 IS NULL OR $2 NOT IN ('completed', 'failed', 'cancelled') THEN
    RAISE EXCEPTION 'An operation ends as completed, failed or cancelled, not as %.', coalesce($2, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE sync_operations AS o SET
    status = $2,
    stage = NULL,
    progress = CASE $2 WHEN 'completed' THEN 100 ELSE o.progress END,
    message = sync_plain_text(given ->> 'message'),
    result = CASE $2 WHEN 'completed' THEN given -> 'result' END,
    error = CASE $2 WHEN 'failed' THEN jsonb_build_object(
      'code', sync_plain_text(coalesce(given -> 'error' ->> 'code', 'failed'), 100),
      'message', sync_plain_text(coalesce(given -> 'error' ->> 'message', given ->> 'message', 'The operation failed.')),
      'retryable', coalesce((given -> 'error' ->> 'retryable')::boolean, true)
    ) END,
    performance_data = coalesce(given -> 'performance_data', o.performance_data)
  WHERE o.operation_id = $1 AND o.status IN ('pending', 'in_progress')
  RETURNING o.version INTO new_version;
  RETURN new_version;
END $$;
COMMENT ON FUNCTION complete_sync_operation IS
  'Ends an operation; details may have message, result, error {code, message, retryable} and performance_data. Answers its new version; NULL where it has ended or there is none, and nothing is changed.';

CREATE FUNCTION take_sync_status_snapshot() RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  total bigint;
  active bigint;
  completed bigint;
  failed bigint;
  average double precision;
  last_minute bigint;
  error_rate double precision;
  error_rate_before double precision;
  taken timestamptz(3) := clock_timestamp();
  new_id bigint;
BEGIN
  SELECT
    count(*),
    count(*) FILTER (WHERE status IN ('pending', 'in_progress')),
    count(*) FILTER (WHERE status = 'completed'),
    count(*) FILTER (WHERE status = 'failed'),
    avg(extract(epoch FROM o.timestamp - o.created_at) * 1000) FILTER (WHERE status IN ('completed', 'failed')),
    count(*) FILTER (WHERE status IN ('completed', 'failed', 'cancelled') AND o.timestamp > taken - interval '1 minute')
  INTO total, active, completed, failed, average, last_minute FROM sync_operations AS o;
  SELECT
    avg(is_failure) FILTER (WHERE place <= 100),
    avg(is_failure) FILTER (WHERE place > 100)
  INTO error_rate, error_rate_before FROM (
    SELECT (status = 'failed')::integer AS is_failure, row_number() OVER (ORDER BY o.timestamp DESC) AS place
    FROM sync_operations AS o WHERE status IN ('completed', 'failed') ORDER BY o.timestamp DESC LIMIT 200
  ) AS ends;
  INSERT INTO sync_status_snapshots (taken_at, metrics, health, connections, active_operations) VALUES (
    taken,
    jsonb_build_object(
      'totalOperations', total,
      'successRate', completed::double precision / nullif(completed + failed, 0),
      'avgDuration', average,
      'peakConcurrency', greatest(active, (SELECT max((metrics ->> 'peakConcurrency')::bigint) FROM sync_status_snapshots)),
      'errorRate', error_rate,
      'throughput', last_minute,
      'trend', error_rate - error_rate_before
    ),
    jsonb_build_object(
      'status', CASE WHEN coalesce(error_rate, 0) < 0.05 THEN 'healthy' WHEN error_rate <= 0.1 THEN 'warning' ELSE 'critical' END,
      'score', round((1 - coalesce(error_rate, 0)) * 100),
      'errorRate', coalesce(error_rate, 0),
      'checkedAt', to_char(taken AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    ),
    (SELECT count(*) FROM connection_status WHERE status = 'connected'),
    active
  ) RETURNING id INTO new_id;
  RETURN new_id;
END $$;
COMMENT ON FUNCTION take_sync_status_snapshot IS 'Keeps what the server looks like now in sync_status_snapshots, and answers the id of that row.';
$step_1$;
    UPDATE public.sync_meta SET schema_version = 1;
  END IF;
  EXECUTE $project$
ALTER TABLE sync_meta ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_operations ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_writes ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_leases ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_status ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_status_snapshots ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON sync_meta, sync_jobs, sync_operations, sync_writes, sync_leases, sync_feeds, connection_status, sync_status_snapshots FROM anon, authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON sync_meta, sync_jobs, sync_operations, sync_writes, sync_leases, sync_feeds, connection_status, sync_status_snapshots TO service_role;
GRANT SELECT (operation_id, version, operation_type, status, progress, message, "timestamp", performance_data, job_id, client_ref, attempt, "position", stage, file, total_items, processed_items, failed_items, triggered_by, source, result, error, subject, created_at) ON sync_operations TO authenticated;
GRANT SELECT ON connection_status TO authenticated;

DROP POLICY IF EXISTS "upload-panel: own operations" ON sync_operations;
CREATE POLICY "upload-panel: own operations" ON sync_operations FOR SELECT TO authenticated USING (subject = (SELECT auth.jwt() ->> 'sub'));
DROP POLICY IF EXISTS "upload-panel: own connections" ON connection_status;
CREATE POLICY "upload-panel: own connections" ON connection_status FOR SELECT TO authenticated USING (subject = (SELECT auth.jwt() ->> 'sub'));

-- Who may listen to a private topic. A job is followed before its first upload is there, and then nobody's yet: its name is 128 random bits, which
-- nobody else knows. A listener is asked about again when his token is a new one, and every few minutes.
CREATE OR REPLACE FUNCTION sync_may_hear(topic text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT CASE
    WHEN me IS NULL OR $1 IS NULL THEN false
    WHEN $1 LIKE 'all:%' THEN substr($1, 5) = me
    WHEN $1 LIKE 'upload:%' THEN EXISTS (SELECT FROM public.sync_operations WHERE operation_id = substr($1, 8) AND subject = me)
    WHEN $1 LIKE 'job:%' THEN length($1) > 4
      AND NOT EXISTS (SELECT FROM public.sync_jobs WHERE job_id = substr($1, 5) AND subject <> me)
      AND NOT EXISTS (SELECT FROM public.sync_operations WHERE job_id = substr($1, 5) AND subject <> me)
    ELSE false
  END
  FROM (SELECT auth.jwt() ->> 'sub' AS me) AS asking
$$;
REVOKE ALL ON FUNCTION sync_may_hear FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION sync_may_hear TO authenticated, service_role;

-- No policy for INSERT: nobody but the server may send, since what is said there is believed.
DROP POLICY IF EXISTS "upload-panel: own topics" ON realtime.messages;
CREATE POLICY "upload-panel: own topics" ON realtime.messages FOR SELECT TO authenticated
  USING (extension = 'broadcast' AND public.sync_may_hear((SELECT realtime.topic())));

CREATE OR REPLACE FUNCTION sync_word(operation sync_operations) RETURNS jsonb LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT coalesce(operation.more, '{}') || jsonb_object_agg(field, value)
  FROM jsonb_each(to_jsonb(operation) - '{more,subject,created_at,upload,key,applied_keys,is_file}'::text[]) AS fields(field, value)
  WHERE value <> 'null'
$$;
COMMENT ON FUNCTION sync_word IS 'The last word on an operation, as it is sent.';

CREATE OR REPLACE FUNCTION sync_tell_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  word jsonb := sync_word(NEW);
BEGIN
  -- Projects of the smallest plan drop more. A word without its version is a mere hint, and pages read the snapshot.
  IF octet_length(word::text) > 250000 THEN
    word := jsonb_strip_nulls(jsonb_build_object(
      'operation_id', NEW.operation_id,
      'operation_type', NEW.operation_type,
      'status', CASE WHEN NEW.status = 'pending' THEN NEW.status ELSE 'in_progress' END,
      'progress', NEW.progress,
      'timestamp', NEW.timestamp,
      'job_id', NEW.job_id,
      'client_ref', NEW.client_ref,
      'attempt', NEW.attempt
    ));
  END IF;
  IF NEW.job_id IS NOT NULL THEN
    PERFORM realtime.send(word, 'sync-status', 'job:' || NEW.job_id, true);
  END IF;
  PERFORM realtime.send(word, 'sync-status', 'upload:' || NEW.operation_id, true);
  PERFORM realtime.send(word, 'sync-status', 'all:' || NEW.subject, true);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sync_broadcast_changes(is_on boolean) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DROP TRIGGER IF EXISTS sync_tell_change ON sync_operations;
  IF is_on THEN
    CREATE TRIGGER sync_tell_change AFTER INSERT OR UPDATE ON sync_operations FOR EACH ROW EXECUTE FUNCTION sync_tell_change();
  END IF;
END $$;
COMMENT ON FUNCTION sync_broadcast_changes IS 'Whether the database itself broadcasts every change. Not needed beside a server that does.';

REVOKE ALL ON FUNCTION create_sync_operation, update_sync_progress, complete_sync_operation, take_sync_status_snapshot, sync_plain_text, sync_word, sync_lock_sequence, sync_give_version, sync_notify, sync_tell_change, sync_broadcast_changes FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION create_sync_operation, update_sync_progress, complete_sync_operation, take_sync_status_snapshot, sync_plain_text, sync_word
  TO service_role;

CREATE OR REPLACE FUNCTION sync_statement(name text, parameters jsonb) RETURNS jsonb LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  template text;
  given text[] := ARRAY(
    SELECT CASE jsonb_typeof(value)
      WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(value))::text
      ELSE value #>> '{}'
    END
    FROM jsonb_array_elements(parameters) WITH ORDINALITY AS p(value, place) ORDER BY place
  );
  statement text;
  found record;
  answer jsonb[] := '{}';
BEGIN
  CASE name
    WHEN 'latestVersion' THEN template := $statement$SELECT sequence FROM public.sync_meta$statement$;
    WHEN 'bindJob' THEN template := $statement$INSERT INTO public.sync_jobs (job_id, subject) VALUES (%1$L, %2$L) ON CONFLICT DO NOTHING$statement$;
    WHEN 'jobOwner' THEN template := $statement$SELECT subject FROM public.sync_jobs WHERE job_id = %1$L$statement$;
    WHEN 'byIds' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.operation_id = ANY(%1$L::text[])$statement$;
    WHEN 'taken' THEN template := $statement$SELECT i.place, o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM json_to_recordset(%1$L::json) AS i(place bigint, "operation_id" text, "operation_type" text, "status" text, "progress" double precision, "message" text, "timestamp" double precision, "performance_data" text, "job_id" text, "client_ref" text, "attempt" double precision, "position" double precision, "stage" text, "file" text, "total_items" double precision, "processed_items" double precision, "failed_items" double precision, "triggered_by" text, "source" text, "result" text, "error" text, "more" text, "subject" text, "created_at" double precision, "upload" text, "key" text, "applied_keys" text) CROSS JOIN LATERAL (
        SELECT * FROM public.sync_operations WHERE operation_id = i.operation_id
        UNION ALL SELECT * FROM public.sync_operations
          WHERE subject = i.subject AND client_ref = i.client_ref AND attempt = i.attempt AND client_ref IS NOT NULL AND attempt IS NOT NULL
        UNION ALL SELECT * FROM public.sync_operations WHERE subject = i.subject AND key = i.key AND key IS NOT NULL
        LIMIT 1
      ) o$statement$;
    WHEN 'attempts' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.subject = %1$L AND o.client_ref = %2$L AND o.attempt IS NOT NULL ORDER BY o.attempt$statement$;
    WHEN 'changesOfAll' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.subject = %1$L AND o.version > %2$L ORDER BY o.version LIMIT %3$L$statement$;
    WHEN 'changesOfJob' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.job_id = %4$L AND o.subject = %1$L AND o.version > %2$L ORDER BY o.version LIMIT %3$L$statement$;
    WHEN 'changesOfSome' THEN template := $statement$WITH wanted AS MATERIALIZED (
        SELECT unnest(%4$L::text[]) AS operation_id
        UNION
        SELECT ofJob.operation_id FROM unnest(%5$L::text[]) AS job CROSS JOIN LATERAL (
          SELECT operation_id FROM public.sync_operations WHERE job_id = job AND subject = %1$L AND version > %2$L ORDER BY version LIMIT %3$L
        ) ofJob
      )
      SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o JOIN wanted USING (operation_id) WHERE o.subject = %1$L AND o.version > %2$L ORDER BY o.version + 0 LIMIT %3$L$statement$;
    WHEN 'everyChange' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.version > %1$L ORDER BY o.version LIMIT %2$L$statement$;
    WHEN 'countJob' THEN template := $statement$SELECT o.status, count(*) AS total FROM public.sync_operations o
      WHERE o.job_id = %1$L AND o.subject = %2$L AND o.error ->> 'code' IS DISTINCT FROM %3$L GROUP BY o.status$statement$;
    WHEN 'unfinished' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.status IN ('pending', 'in_progress') AND o.operation_id > %1$L ORDER BY o.operation_id LIMIT %2$L$statement$;
    WHEN 'overdue' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.status = 'pending' AND o.upload ->> 'expiresAtMs' IS NOT NULL AND (o.upload ->> 'expiresAtMs')::double precision <= %1$L
      ORDER BY (o.upload ->> 'expiresAtMs')::double precision LIMIT %2$L$statement$;
    WHEN 'count' THEN template := $statement$SELECT (SELECT count(*) FROM public.sync_operations) AS total, (SELECT count(*) FROM public.sync_operations o WHERE o.status IN ('pending', 'in_progress')) AS unfinished$statement$;
    WHEN 'endedBefore' THEN template := $statement$SELECT o."version", o."operation_id", o."operation_type", o."status", o."progress", o."message", (extract(epoch FROM o."timestamp") * 1000)::bigint AS "timestamp", o."performance_data"::text AS "performance_data", o."job_id", o."client_ref", o."attempt", o."position", o."stage", o."file"::text AS "file", o."total_items", o."processed_items", o."failed_items", o."triggered_by", o."source", o."result"::text AS "result", o."error"::text AS "error", o."more"::text AS "more", o."subject", (extract(epoch FROM o."created_at") * 1000)::bigint AS "created_at", o."upload"::text AS "upload", o."key", o."applied_keys"::text AS "applied_keys" FROM public.sync_operations o WHERE o.status IN ('completed', 'failed', 'cancelled') AND o.is_file = %1$L AND o.timestamp < to_timestamp(%2$L::double precision / 1000)
      ORDER BY o.timestamp LIMIT %3$L$statement$;
    WHEN 'forget' THEN template := $statement$WITH forgotten AS (
        DELETE FROM public.sync_operations o WHERE o.operation_id = ANY(%1$L::text[]) AND o.status IN ('completed', 'failed', 'cancelled') AND o.timestamp < to_timestamp(%2$L::double precision / 1000)
        RETURNING o.operation_id, o.job_id
      )
      DELETE FROM public.sync_jobs j WHERE j.job_id IN (SELECT job_id FROM forgotten) AND NOT EXISTS (
        SELECT FROM public.sync_operations o WHERE o.job_id = j.job_id AND o.operation_id NOT IN (SELECT operation_id FROM forgotten)
      )$statement$;
    WHEN 'write' THEN template := $statement$WITH step AS (UPDATE public.sync_meta SET sequence = sequence + %2$L RETURNING sequence - %2$L AS base),
    given AS (SELECT * FROM json_to_recordset(%1$L::json) AS i(place bigint, expected bigint, "operation_id" text, "operation_type" text, "status" text, "progress" double precision, "message" text, "timestamp" double precision, "performance_data" text, "job_id" text, "client_ref" text, "attempt" double precision, "position" double precision, "stage" text, "file" text, "total_items" double precision, "processed_items" double precision, "failed_items" double precision, "triggered_by" text, "source" text, "result" text, "error" text, "more" text, "subject" text, "created_at" double precision, "upload" text, "key" text, "applied_keys" text)),
    updated AS (UPDATE public.sync_operations o SET (version, "operation_id", "operation_type", "status", "progress", "message", "timestamp", "performance_data", "job_id", "client_ref", "attempt", "position", "stage", "file", "total_items", "processed_items", "failed_items", "triggered_by", "source", "result", "error", "more", "subject", "created_at", "upload", "key", "applied_keys") = ROW(step.base + i.place, i."operation_id", i."operation_type", i."status", i."progress", i."message", to_timestamp(i."timestamp" / 1000), i."performance_data"::jsonb, i."job_id", i."client_ref", i."attempt", coalesce(i."position", step.base + i.place), i."stage", i."file"::jsonb, i."total_items", i."processed_items", i."failed_items", i."triggered_by", i."source", i."result"::jsonb, i."error"::jsonb, i."more"::jsonb, i."subject", to_timestamp(i."created_at" / 1000), i."upload"::jsonb, i."key", i."applied_keys"::jsonb) FROM given i, step
    WHERE o.operation_id = i.operation_id AND o.version = i.expected RETURNING o.version),
    inserted AS (INSERT INTO public.sync_operations (version, "operation_id", "operation_type", "status", "progress", "message", "timestamp", "performance_data", "job_id", "client_ref", "attempt", "position", "stage", "file", "total_items", "processed_items", "failed_items", "triggered_by", "source", "result", "error", "more", "subject", "created_at", "upload", "key", "applied_keys")
    SELECT step.base + i.place, i."operation_id", i."operation_type", i."status", i."progress", i."message", to_timestamp(i."timestamp" / 1000), i."performance_data"::jsonb, i."job_id", i."client_ref", i."attempt", coalesce(i."position", step.base + i.place), i."stage", i."file"::jsonb, i."total_items", i."processed_items", i."failed_items", i."triggered_by", i."source", i."result"::jsonb, i."error"::jsonb, i."more"::jsonb, i."subject", to_timestamp(i."created_at" / 1000), i."upload"::jsonb, i."key", i."applied_keys"::jsonb FROM given i, step WHERE i.expected IS NULL ORDER BY i.place
    ON CONFLICT DO NOTHING RETURNING version),
    forgotten AS (DELETE FROM public.sync_writes WHERE write_id = %4$L)
    INSERT INTO public.sync_writes (write_id, base, versions) SELECT %3$L, base, ARRAY(SELECT version FROM updated UNION ALL SELECT version FROM inserted) FROM step
    RETURNING base, array_to_json(versions) AS versions$statement$;
    WHEN 'update' THEN template := $statement$WITH step AS (UPDATE public.sync_meta SET sequence = sequence + %2$L RETURNING sequence - %2$L AS base),
    given AS (SELECT * FROM json_to_recordset(%1$L::json) AS i(place bigint, expected bigint, "operation_id" text, "operation_type" text, "status" text, "progress" double precision, "message" text, "timestamp" double precision, "performance_data" text, "job_id" text, "client_ref" text, "attempt" double precision, "position" double precision, "stage" text, "file" text, "total_items" double precision, "processed_items" double precision, "failed_items" double precision, "triggered_by" text, "source" text, "result" text, "error" text, "more" text, "subject" text, "created_at" double precision, "upload" text, "key" text, "applied_keys" text)),
    updated AS (UPDATE public.sync_operations o SET (version, "operation_id", "operation_type", "status", "progress", "message", "timestamp", "performance_data", "job_id", "client_ref", "attempt", "position", "stage", "file", "total_items", "processed_items", "failed_items", "triggered_by", "source", "result", "error", "more", "subject", "created_at", "upload", "key", "applied_keys") = ROW(step.base + i.place, i."operation_id", i."operation_type", i."status", i."progress", i."message", to_timestamp(i."timestamp" / 1000), i."performance_data"::jsonb, i."job_id", i."client_ref", i."attempt", coalesce(i."position", step.base + i.place), i."stage", i."file"::jsonb, i."total_items", i."processed_items", i."failed_items", i."triggered_by", i."source", i."result"::jsonb, i."error"::jsonb, i."more"::jsonb, i."subject", to_timestamp(i."created_at" / 1000), i."upload"::jsonb, i."key", i."applied_keys"::jsonb) FROM given i, step
    WHERE o.operation_id = i.operation_id AND o.version = i.expected RETURNING o.version),
    forgotten AS (DELETE FROM public.sync_writes WHERE write_id = %4$L)
    INSERT INTO public.sync_writes (write_id, base, versions) SELECT %3$L, base, ARRAY(SELECT version FROM updated) FROM step
    RETURNING base, array_to_json(versions) AS versions$statement$;
    WHEN 'fence' THEN template := $statement$INSERT INTO public.sync_writes (write_id) VALUES (%1$L) ON CONFLICT DO NOTHING$statement$;
    WHEN 'written' THEN template := $statement$SELECT base, array_to_json(versions) AS versions FROM public.sync_writes WHERE write_id = %1$L$statement$;
    WHEN 'forgetWrites' THEN template := $statement$DELETE FROM public.sync_writes WHERE written_at < now() - interval '1 hour'$statement$;
    WHEN 'acquireLease' THEN template := $statement$INSERT INTO public.sync_leases AS held (name, holder, until) VALUES (%1$L, %2$L, clock_timestamp() + %3$L::double precision * interval '1 ms')
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE held.holder = excluded.holder OR held.until <= clock_timestamp()
      RETURNING name$statement$;
    WHEN 'releaseLease' THEN template := $statement$DELETE FROM public.sync_leases WHERE name = %1$L AND holder = %2$L$statement$;
    WHEN 'feedPosition' THEN template := $statement$SELECT version FROM public.sync_feeds WHERE name = %1$L$statement$;
    WHEN 'saveFeedPosition' THEN template := $statement$INSERT INTO public.sync_feeds AS told (name, version) VALUES (%1$L, %2$L)
      ON CONFLICT (name) DO UPDATE SET version = greatest(told.version, excluded.version)$statement$;
    WHEN 'saveClients' THEN template := $statement$INSERT INTO public.connection_status (subject, connection_id, status, transport, latency, reconnect_attempts, connected_at, last_ping)
      SELECT subject, connection_id, status, transport, latency, reconnect_attempts, connected_at, last_ping FROM json_to_recordset(%1$L::json) AS i(
        subject text, connection_id text, status text, transport text, latency double precision, reconnect_attempts double precision,
        connected_at timestamptz, last_ping timestamptz
      ) ORDER BY subject, connection_id
      ON CONFLICT (subject, connection_id) DO UPDATE SET status = excluded.status, transport = excluded.transport, latency = excluded.latency,
        reconnect_attempts = excluded.reconnect_attempts, connected_at = excluded.connected_at, last_ping = excluded.last_ping$statement$;
    WHEN 'removeClients' THEN template := $statement$DELETE FROM public.connection_status USING json_to_recordset(%1$L::json) AS i(subject text, connection_id text)
      WHERE connection_status.subject = i.subject AND connection_status.connection_id = i.connection_id$statement$;
    WHEN 'clients' THEN template := $statement$SELECT subject, connection_id, status, transport, latency, reconnect_attempts, (extract(epoch FROM connected_at) * 1000)::bigint AS connected_at, (extract(epoch FROM last_ping) * 1000)::bigint AS last_ping
    FROM public.connection_status ORDER BY connection_status.last_ping DESC LIMIT %1$L$statement$;
    WHEN 'clientsOf' THEN template := $statement$SELECT subject, connection_id, status, transport, latency, reconnect_attempts, (extract(epoch FROM connected_at) * 1000)::bigint AS connected_at, (extract(epoch FROM last_ping) * 1000)::bigint AS last_ping
    FROM public.connection_status WHERE subject = %2$L ORDER BY connection_status.last_ping DESC LIMIT %1$L$statement$;
    WHEN 'forgetClients' THEN template := $statement$DELETE FROM public.connection_status WHERE last_ping < to_timestamp(%1$L::double precision / 1000)$statement$;
    WHEN 'addSnapshot' THEN template := $statement$INSERT INTO public.sync_status_snapshots (taken_at, metrics, health, connections, active_operations) VALUES (%1$L, %2$L, %3$L, %4$L, %5$L)$statement$;
    WHEN 'snapshots' THEN template := $statement$SELECT (extract(epoch FROM taken_at) * 1000)::bigint AS taken_at, metrics::text, health::text, connections, active_operations
      FROM public.sync_status_snapshots ORDER BY sync_status_snapshots.taken_at DESC, id DESC LIMIT %1$L$statement$;
    WHEN 'forgetSnapshots' THEN template := $statement$DELETE FROM public.sync_status_snapshots WHERE taken_at < to_timestamp(%1$L::double precision / 1000)$statement$;
    WHEN 'meta' THEN template := $statement$SELECT schema_version, epoch, public.sync_statements() AS statements FROM public.sync_meta$statement$;
    ELSE RAISE EXCEPTION 'There is no statement %: the project has the SQL of another release.', name USING ERRCODE = 'undefined_function';
  END CASE;
  statement := format(template, VARIADIC given);
  IF name IN ('bindJob', 'fence', 'forget', 'forgetWrites', 'releaseLease', 'saveFeedPosition', 'saveClients', 'removeClients', 'forgetClients', 'addSnapshot', 'forgetSnapshots') THEN
    EXECUTE statement;
  ELSE
    FOR found IN EXECUTE statement LOOP
      answer := answer || (SELECT jsonb_object_agg(field, content) FROM jsonb_each_text(to_jsonb(found)) AS fields(field, content));
    END LOOP;
  END IF;
  RETURN to_jsonb(answer);
END $$;
CREATE OR REPLACE FUNCTION sync_statements() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'bcc0099d34d4014e' $$;
COMMENT ON FUNCTION sync_statements IS 'Which statements sync_statement knows.';
REVOKE ALL ON FUNCTION sync_statement, sync_statements FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION sync_statement, sync_statements TO service_role;
$project$;

  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'supabase_realtime') THEN
    CREATE PUBLICATION supabase_realtime;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_publication_tables WHERE pubname = 'supabase_realtime' AND schemaname = 'public' AND tablename = 'sync_operations') THEN
    ALTER PUBLICATION supabase_realtime ADD TABLE public.sync_operations;
  END IF;
  -- Rows that are deleted because they are old would reach everybody who follows the table, whatever its policies say, in bursts that Realtime drops others for.
  IF NOT EXISTS (SELECT FROM pg_publication_tables WHERE pubname = 'supabase_realtime' AND (schemaname, tablename) <> ('public', 'sync_operations')) THEN
    ALTER PUBLICATION supabase_realtime SET (publish = 'insert, update');
  ELSIF EXISTS (SELECT FROM pg_publication WHERE pubname = 'supabase_realtime' AND pubdelete) THEN
    RAISE NOTICE 'The publication supabase_realtime has other tables and was left as it is. If none of them needs deletions, run: ALTER PUBLICATION supabase_realtime SET (publish = ''insert, update'');';
  END IF;

  PERFORM set_config('search_path', path_before, true);
END $upload_panel$;
