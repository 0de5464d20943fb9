/** Columns that its subject may read, by SQL and as changes of rows: the fields of the wire, and whose it is. */
const READABLE = [
  'operation_id',
  'version',
  'operation_type',
  'status',
  'progress',
  'message',
  '"timestamp"',
  'performance_data',
  'job_id',
  'client_ref',
  'attempt',
  '"position"',
  'stage',
  'file',
  'total_items',
  'processed_items',
  'failed_items',
  'triggered_by',
  'source',
  'result',
  'error',
  'subject',
  'created_at',
].join(', ')

const TABLES = [
  'sync_meta',
  'sync_jobs',
  'sync_operations',
  'sync_writes',
  'sync_leases',
  'sync_feeds',
  'connection_status',
  'sync_status_snapshots',
]

/** Supabase lets everyone run what is in `public`, unless it is told not to. */
const FUNCTIONS = [
  'create_sync_operation',
  'update_sync_progress',
  'complete_sync_operation',
  'take_sync_status_snapshot',
  'sync_plain_text',
  'sync_word',
  'sync_lock_sequence',
  'sync_give_version',
  'sync_notify',
  'sync_tell_change',
  'sync_broadcast_changes',
]

/** Who a token is about. Tokens of other issuers may name somebody whose id is no UUID, so `auth.uid()` is not asked. */
const ME = `(SELECT auth.jwt() ->> 'sub')`

/** What a Supabase project has besides the tables. It can be run again. */
export const PROJECT = `
${TABLES.map((table) => `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;`).join('\n')}
REVOKE ALL ON ${TABLES.join(', ')} FROM anon, authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} TO service_role;
GRANT SELECT (${READABLE}) ON sync_operations TO authenticated;
GRANT SELECT ON connection_status TO authenticated;

DROP POLICY IF EXISTS "upload-panel: own operations" ON sync_operations;
CREATE POLICY "upload-panel: own operations" ON sync_operations FOR SELECT TO authenticated USING (subject = ${ME});
DROP POLICY IF EXISTS "upload-panel: own connections" ON connection_status;
CREATE POLICY "upload-panel: own connections" ON connection_status FOR SELECT TO authenticated USING (subject = ${ME});

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

REVOKE ALL ON FUNCTION ${FUNCTIONS.join(', ')} FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION create_sync_operation, update_sync_progress, complete_sync_operation, take_sync_status_snapshot, sync_plain_text, sync_word
  TO service_role;
`

/** Statements of PL/pgSQL, which follow rows that are published already. It can be run again. */
export const PUBLICATION = `
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
`
